import type { Image, Job } from "@glassworks/sdk";
import type { CSSProperties } from "react";
import { IconButton } from "../../ui/IconButton.tsx";
import { Close, Info, Next, Previous, Star } from "../../ui/icons.tsx";
import type { Draft } from "../create/draft.ts";
import { renewLinks } from "../jobs/useJobs.ts";
import { CompareView } from "./CompareView.tsx";
import { pictureSource } from "./pictureSource.ts";
import { Recipe } from "./Recipe.tsx";

interface Props {
	job: Job;
	image: Image;
	isComparing: boolean;
	onCompare(isComparing: boolean): void;
	isRecipeShown: boolean;
	onRecipe(isShown: boolean): void;
	onStar(): void;
	onPrevious?: () => void;
	onNext?: () => void;
	onClose(): void;
	onUse(changes: Partial<Draft>): void;
}

export function PictureView({
	job,
	image,
	isComparing,
	onCompare,
	isRecipeShown,
	onRecipe,
	onStar,
	onPrevious,
	onNext,
	onClose,
	onUse,
}: Props) {
	const prompt = String(job.request.prompt ?? "");
	const finished = pictureSource(image.url);
	const original = pictureSource(image.original_url);
	return (
		<div
			className={`flex h-full min-h-0 flex-col overflow-y-auto lg:grid lg:overflow-hidden ${isRecipeShown ? "lg:grid-cols-[1fr_25rem]" : "lg:grid-cols-1"}`}
		>
			<Toolbar {...{ image, isRecipeShown, onRecipe, onStar, onPrevious, onNext, onClose }} />
			<div className="min-h-0 shrink-0 bg-sunken p-2 lg:p-6">
				<div className="grid place-items-center lg:size-full lg:[container-type:size]">
					<div style={frameOf(image)} className="bg-contain bg-center bg-no-repeat">
						{isComparing && finished && original ? (
							<CompareView finished={finished} original={original} alt={prompt} />
						) : (
							<img src={finished} alt={prompt} className="size-full object-contain" onError={() => void renewLinks(job.id)} />
						)}
					</div>
				</div>
			</div>
			{isRecipeShown && <Recipe {...{ job, image, isComparing, onCompare, onUse }} />}
		</div>
	);
}

type ToolbarProps = Pick<Props, "image" | "isRecipeShown" | "onRecipe" | "onStar" | "onPrevious" | "onNext" | "onClose">;

function Toolbar({ image, isRecipeShown, onRecipe, onStar, onPrevious, onNext, onClose }: ToolbarProps) {
	return (
		<div className="sticky top-0 z-10 flex items-center justify-end gap-1 bg-canvas/90 p-2 lg:absolute lg:top-2 lg:right-2 lg:rounded-xl lg:p-0">
			<IconButton label={image.starred ? "Take the star away" : "Star"} aria-pressed={image.starred} aria-keyshortcuts="." onClick={onStar}>
				<Star filled={image.starred} />
			</IconButton>
			<IconButton
				label="Recipe"
				aria-pressed={isRecipeShown}
				aria-keyshortcuts="i"
				className="max-lg:hidden"
				onClick={() => onRecipe(!isRecipeShown)}
			>
				<Info />
			</IconButton>
			<IconButton label="Picture before" disabled={!onPrevious} onClick={onPrevious}>
				<Previous />
			</IconButton>
			<IconButton label="Picture after" disabled={!onNext} onClick={onNext}>
				<Next />
			</IconButton>
			<IconButton label="Close" onClick={onClose}>
				<Close />
			</IconButton>
		</div>
	);
}

/** As large as fits, in the picture's own proportions, its small version in it until it has loaded: nothing jumps. */
function frameOf(image: Image): CSSProperties {
	const [width, height] = [image.width ?? 1, image.height ?? 1];
	const small = pictureSource(image.thumbnail_url);
	return {
		...(small && { backgroundImage: `url("${small}")` }),
		aspectRatio: `${width} / ${height}`,
		width: `min(100%, ${(100 * width) / height}cqh)`,
	};
}
