import { type ImgHTMLAttributes, useState } from "react";
import { pictureSource } from "./pictureSource.ts";

interface Props extends Pick<ImgHTMLAttributes<HTMLImageElement>, "className" | "width" | "height" | "draggable"> {
	picture: { url: string | null; thumbnail_url: string | null };
	alt: string;
	/** Neither could be loaded. */
	onBroken?: () => void;
}

/** A picture among others: its small version, or the whole one where that cannot be had. */
export function Thumbnail({ picture: { url, thumbnail_url: small }, alt, onBroken, ...look }: Props) {
	const [broken, setBroken] = useState<string | null>(null);
	const isWhole = small === null || broken === small;
	return (
		<img
			src={pictureSource(isWhole ? url : small)}
			alt={alt}
			loading="lazy"
			decoding="async"
			onError={() => (isWhole ? onBroken?.() : setBroken(small))}
			{...look}
		/>
	);
}
