/** No usable answer: refused, cut off, timed out, or not Glassworks at the other end. The request may have had its effect. */
export class GlassworksConnectionError extends Error {
	override readonly name = "GlassworksConnectionError";
	/** The address that was asked, without its query. */
	readonly url: string;

	constructor(message: string, url: string, cause?: unknown) {
		super(message, { cause });
		this.url = url;
	}
}
