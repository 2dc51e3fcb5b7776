/** What a receiver answered. */
export interface WebhookAnswer {
	status: number;
	retryAfter: string | null;
	/** The body, cut at 16 kB; bytes that are no text are replaced. */
	text: string;
}

/** Reaches receivers, and only those on public networks or allowed by the operator. */
export interface WebhookSender {
	/** Whether it could be reached now: its form, and where its name leads. @throws {GlassworksError} url_blocked, url_failed */
	check(url: string): Promise<void>;
	/** Follows no redirect and waits 20 s at most. @throws {GlassworksError} url_blocked, url_failed */
	post(request: { url: string; headers: Record<string, string>; body: string; signal: AbortSignal }): Promise<WebhookAnswer>;
}
