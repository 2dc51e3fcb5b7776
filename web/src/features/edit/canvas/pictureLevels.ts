/** A picture at full size and at halves of it, so that drawing a large one small costs little and does not flicker. */
export interface PictureLevels {
	width: number;
	height: number;
	/** The largest first; each half of the one before. */
	bitmaps: readonly ImageBitmap[];
}

const smallestSide = 512;

/** @throws when the address gives no picture */
export async function loadPicture(address: string): Promise<PictureLevels> {
	const image = new Image();
	image.decoding = "async";
	image.src = address;
	await image.decode();
	let { naturalWidth: width, naturalHeight: height } = image;
	const bitmaps = [await createImageBitmap(image)];
	while (Math.max(width, height) > 2 * smallestSide) {
		width = Math.max(1, Math.round(width / 2));
		height = Math.max(1, Math.round(height / 2));
		const larger = bitmaps.at(-1);
		if (larger) bitmaps.push(await createImageBitmap(larger, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" }));
	}
	return { width: image.naturalWidth, height: image.naturalHeight, bitmaps };
}

export function closePicture({ bitmaps }: PictureLevels): void {
	for (const bitmap of bitmaps) bitmap.close();
}

/** The smallest that still has a pixel for every pixel of the screen. */
export function levelFor({ width, bitmaps }: PictureLevels, shownWidth: number): ImageBitmap | undefined {
	return bitmaps.findLast((bitmap) => bitmap.width >= Math.min(width, shownWidth)) ?? bitmaps[0];
}
