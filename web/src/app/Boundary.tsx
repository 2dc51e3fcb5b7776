import { Component, type ReactNode } from "react";

/** The last net: a mistake of ours shows a way on instead of a white page. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
	override state = { failed: false };

	static getDerivedStateFromError() {
		return { failed: true };
	}

	override render() {
		if (!this.state.failed) return this.props.children;
		return (
			<main className="mx-auto grid min-h-dvh max-w-md content-center gap-4 p-6">
				<h1 className="text-2xl font-semibold">The studio tripped over itself</h1>
				<p className="text-ink-soft">Your pictures and running jobs are safe: they are on the server. Reload to carry on.</p>
				<button type="button" className="molten w-fit rounded-lg px-4 py-2 font-semibold" onClick={() => window.location.reload()}>
					Reload
				</button>
			</main>
		);
	}
}
