const examples = ["A red fox, 3d", "A sailing boat", "A slice of pizza, flat", "A blue butterfly", "A rocket, cartoon", "A potted cactus"];

export function EmptyFeed({ onExample }: { onExample(prompt: string): void }) {
	return (
		<div className="mx-auto grid w-full max-w-2xl gap-8 py-6 lg:py-16">
			<div className="grid gap-3">
				<h2 className="text-3xl font-semibold tracking-tight text-balance">Your first picture takes one sentence</h2>
				<p className="max-w-prose text-ink-soft">
					Say what it should show and press Generate. It appears here, first with its place in the line, then as it is drawn, then finished.
				</p>
			</div>
			<div className="grid gap-2.5">
				<h3 className="text-sm font-medium text-ink-soft">Try one of these</h3>
				<div className="flex flex-wrap gap-2">
					{examples.map((example) => (
						<button
							key={example}
							type="button"
							className="min-h-10 rounded-lg border border-line-strong px-3.5 text-sm hover:border-ember-ink hover:bg-ember-wash hover:text-ember-ink"
							onClick={() => onExample(example)}
						>
							{example}
						</button>
					))}
				</div>
			</div>
			<dl className="grid gap-x-8 gap-y-4 border-t border-line pt-6 text-sm sm:grid-cols-2">
				<Fact term="Price before, bill after">
					Above the button stands what exactly these settings cost. What does not run is not charged.
				</Fact>
				<Fact term="Nothing gets lost">
					Close the page whenever you like: the server goes on, and the pictures are here when you are back.
				</Fact>
				<Fact term="Every picture keeps its recipe">Open one to see its model, seed and settings, and to make it again.</Fact>
				<Fact term="The original stays">Sharpened and enlarged pictures can be compared with the one before.</Fact>
			</dl>
		</div>
	);
}

function Fact({ term, children }: { term: string; children: string }) {
	return (
		<div className="grid content-start gap-1">
			<dt className="font-medium">{term}</dt>
			<dd className="text-ink-soft">{children}</dd>
		</div>
	);
}
