/** "25 Nov, 14:03"; with the year where it is not this one. */
export function moment(iso: string): string {
	const date = new Date(iso);
	const isThisYear = date.getFullYear() === new Date().getFullYear();
	return date.toLocaleString("en-GB", {
		...{ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
		...(!isThisYear && { year: "numeric" }),
	});
}

/** How long ago, or the moment itself once that says more: "just now", "4 min ago", "3 h ago". */
export function since(iso: string, nowMs: number = Date.now()): string {
	const minutes = Math.floor((nowMs - Date.parse(iso)) / 60_000);
	if (minutes < 1) return "just now";
	if (minutes < 60) return `${minutes} min ago`;
	return minutes < 24 * 60 ? `${Math.floor(minutes / 60)} h ago` : moment(iso);
}
