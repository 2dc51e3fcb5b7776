import { inflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const maxInflatedBytes = 1_048_576;

/** Texts inside a PNG by keyword (tEXt, zTXt and iTXt; PNG specification, 11.3.4). Damaged or other files have none. */
export function pngText(bytes: Uint8Array): Record<string, string> {
	const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const found: Record<string, string> = {};
	if (!file.subarray(0, 8).equals(signature)) return found;
	for (let at = 8; at + 12 <= file.length; ) {
		const length = file.readUInt32BE(at);
		const type = file.toString("latin1", at + 4, at + 8);
		const data = file.subarray(at + 8, at + 8 + length);
		const zero = data.indexOf(0);
		if (zero > 0 && zero < 80) {
			const text = readText(type, data.subarray(zero + 1));
			if (text !== null) found[data.toString("latin1", 0, zero)] = text;
		}
		at += 12 + length;
	}
	return found;
}

function readText(type: string, rest: Buffer): string | null {
	try {
		if (type === "tEXt") return rest.toString("latin1");
		if (type === "zTXt") return inflateSync(rest.subarray(1), { maxOutputLength: maxInflatedBytes }).toString("latin1");
		if (type !== "iTXt") return null;
		const isPacked = rest[0] === 1;
		const afterLanguage = rest.indexOf(0, 2);
		const afterKeyword = rest.indexOf(0, afterLanguage + 1);
		const text = rest.subarray(afterKeyword + 1);
		return (isPacked ? inflateSync(text, { maxOutputLength: maxInflatedBytes }) : text).toString("utf8");
	} catch {
		return null;
	}
}
