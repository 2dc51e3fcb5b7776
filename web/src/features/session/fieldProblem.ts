import { GlassworksApiError } from "@glassworks/sdk";

/** What the server found wrong with a field of the form; undefined: nothing. */
export function fieldProblem(error: unknown, field: string): string | undefined {
	if (!(error instanceof GlassworksApiError)) return undefined;
	const message = error.fields.find(({ path }) => path[0] === field)?.message;
	return message && `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? "" : "."}`;
}
