import type { Image, Job } from "@glassworks/sdk";
import { took } from "../../format/duration.ts";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { tookMs } from "./inWords.ts";
import { renewLinks } from "./useJobs.ts";

export function PictureTile({ job, image, onOpen }: { job: Job; image: Image; onOpen(): void }) {
	const prompt = String(job.request.prompt ?? "");
	const ms = tookMs(job);
	return (
		<button type="button" onClick={onOpen} className="group grid w-full gap-2 rounded-tile text-left">
			<span className="relative block aspect-square w-full overflow-hidden rounded-tile border border-line bg-sunken group-hover:border-line-strong">
				<Thumbnail
					picture={image}
					alt={prompt}
					width={image.width ?? undefined}
					height={image.height ?? undefined}
					className="size-full object-contain"
					onBroken={() => void renewLinks(job.id)}
				/>
			</span>
			<span className="grid gap-0.5 px-0.5">
				<span className="truncate text-sm">{prompt}</span>
				<span className="truncate font-mono text-xs text-ink-faint">
					{image.width} x {image.height}
					{ms !== null && ` · ${took(ms)}`}
				</span>
			</span>
		</button>
	);
}
