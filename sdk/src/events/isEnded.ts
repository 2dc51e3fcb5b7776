/** Whether a job of this status will never change again. */
export function isEnded(status: string): boolean {
	return status === "succeeded" || status === "partial" || status === "failed" || status === "cancelled";
}
