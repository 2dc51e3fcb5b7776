/** Ids come from callers: escaped, so that no id reaches another route. */
export function jobPath(id: string, below?: "events" | "cancel" | "retry" | "to-front" | "requeue" | `images/${number}`): string {
	return `/api/v1/jobs/${encodeURIComponent(id)}${below ? `/${below}` : ""}`;
}
