import { Link } from "react-router";

export function NotFoundPage() {
	return (
		<div className="grid content-center justify-items-start gap-3 p-10">
			<h1 className="text-2xl font-semibold">No such page</h1>
			<p className="text-ink-soft">The address may be mistyped, or the page comes with a later version.</p>
			<Link className="text-ember-ink underline underline-offset-4" to="/">
				Make a picture
			</Link>
		</div>
	);
}
