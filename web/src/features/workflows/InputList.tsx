import type { WorkflowInput } from "@glassworks/sdk";

interface Props {
	inputs: readonly WorkflowInput[];
	/** All that were found: those that are not among `inputs` can be taken back in. */
	found: readonly WorkflowInput[];
	onChange(inputs: readonly WorkflowInput[]): void;
}

/** Which values of the graph a run may set, and what they are called. The others stay as the graph has them. */
export function InputList({ inputs, found, onChange }: Props) {
	const kept = (name: string) => inputs.find((input) => input.name === name);
	return (
		<section aria-labelledby="inputs" className="grid gap-2">
			<h2 id="inputs" className="text-base font-semibold">
				Inputs of a run
			</h2>
			<ul className="grid">
				{found.map((input) => {
					const own = kept(input.name);
					return (
						<li
							key={input.name}
							className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1 border-t border-line py-2 sm:grid-cols-[auto_minmax(0,1fr)_minmax(0,1fr)]"
						>
							<label className="grid size-10 cursor-pointer place-items-center">
								<span className="sr-only">A run may set {input.title}</span>
								<input
									type="checkbox"
									className="size-4 shrink-0 accent-(--ember)"
									checked={own !== undefined}
									onChange={({ target }) =>
										onChange(
											found.flatMap((each) => (each.name === input.name ? (target.checked ? [input] : []) : (kept(each.name) ?? []))),
										)
									}
								/>
							</label>
							<input
								aria-label={`Title of ${input.name}`}
								value={own?.title ?? input.title}
								disabled={!own}
								maxLength={200}
								onChange={({ target }) =>
									onChange(inputs.map((each) => (each.name === input.name ? { ...each, title: target.value } : each)))
								}
								className="field h-10 min-w-0 px-3 text-sm disabled:opacity-60"
							/>
							<p className="col-start-2 truncate font-mono text-xs text-ink-soft sm:col-start-3">
								{input.name}: {input.type}
								{input.default !== null && ` = ${String(input.default)}`}
							</p>
						</li>
					);
				})}
			</ul>
		</section>
	);
}
