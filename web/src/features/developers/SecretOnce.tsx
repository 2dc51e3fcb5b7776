import { CopyButton } from "../picture/CopyButton.tsx";

/** A secret to be copied now. */
export function SecretOnce({ label, secret, children }: { label: string; secret: string; children: string }) {
	return (
		<div className="grid gap-2 rounded-xl border border-ember-ink bg-ember-wash p-4">
			<p className="text-sm font-medium">{label}</p>
			<div className="flex items-center gap-2">
				<output aria-label={label} className="min-w-0 flex-1 font-mono text-sm break-all">
					{secret}
				</output>
				<CopyButton label="Copy" text={secret} />
			</div>
			<p className="text-[13px] leading-snug text-ink-soft">{children}</p>
		</div>
	);
}
