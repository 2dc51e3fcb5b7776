import type { CreateGeneration } from "@glassworks/sdk";

/** Opens Create with a recipe. In the fragment, which is sent to no server; without pictures, which are the account's own. */
export function shareLink(request: CreateGeneration, origin: string = window.location.origin): string {
	const { image: _image, mask: _mask, controls: _controls, ...shared } = request;
	const bytes = new TextEncoder().encode(JSON.stringify(shared));
	const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
	return `${origin}/?recipe#${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** What a link holds; null when it is none, or damaged. Nothing in it is trusted to be of the right type. */
export function readShared(search: string, fragment: string): Record<string, unknown> | null {
	if (!new URLSearchParams(search).has("recipe") || fragment.length < 2) return null;
	try {
		const text = atob(fragment.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
		const value: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}
