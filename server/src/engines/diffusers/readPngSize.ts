/** Where the header of every PNG begins: signature, length and the name of its first block. */
const opening = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52);

/** @throws {Error} when it is no PNG */
export function readPngSize(bytes: Uint8Array): { widthPx: number; heightPx: number } {
	if (bytes.length < 24 || opening.some((byte, index) => bytes[index] !== byte)) throw new Error("not a PNG");
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	return { widthPx: view.getUint32(16), heightPx: view.getUint32(20) };
}
