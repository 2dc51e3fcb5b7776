import { Dialog } from "../ui/Dialog.tsx";
import { keyName, shortcutGroups } from "./shortcuts.ts";

export function ShortcutSheet({ onClose }: { onClose(): void }) {
	return (
		<Dialog title="Keyboard shortcuts" onClose={onClose} className="max-w-3xl">
			<div className="gap-x-10 sm:columns-2">
				{shortcutGroups.map(({ place, shortcuts }) => (
					<section key={place} className="mb-6 break-inside-avoid">
						<h3 className="mb-1 text-sm font-medium text-ink-soft">{place}</h3>
						<dl>
							{shortcuts.map(({ keys, does }) => (
								<div key={does} className="flex min-h-9 items-center justify-between gap-4 border-t border-line text-sm">
									<dt>{does}</dt>
									<dd className="flex gap-1 font-mono text-[13px]">
										{keys.map((key) => (
											<kbd key={key} className="min-w-6 rounded border border-line-strong bg-sunken px-1.5 py-0.5 text-center">
												{keyName(key)}
											</kbd>
										))}
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}
