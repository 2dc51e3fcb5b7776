import { useEffect, useState } from "react";
import { api } from "../../api.ts";
import { refreshJob } from "../jobs/useJobs.ts";
import { pictureSource } from "../picture/pictureSource.ts";
import { closePicture, loadPicture, type PictureLevels } from "./canvas/pictureLevels.ts";
import { keyOf, type PictureRef } from "./pictureRef.ts";

export interface LoadedPicture {
	picture: PictureLevels | null;
	error: unknown;
	retry(): void;
}

/** A picture's pixels, while they are shown. */
export function usePicture(ref: PictureRef | null): LoadedPicture {
	const key = ref && keyOf(ref);
	const [attempt, setAttempt] = useState(0);
	const [state, setState] = useState<{ key: string | null; picture: PictureLevels | null; error: unknown }>({
		...{ key: null, picture: null, error: null },
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the picture.
	useEffect(() => {
		setState({ key, picture: null, error: null });
		if (!ref) return;
		const leaving = new AbortController();
		let loaded: PictureLevels | null = null;
		const load = async () => {
			loaded = await loadPicture(await sourceOf(ref, leaving.signal));
			if (leaving.signal.aborted) closePicture(loaded);
			else setState({ key, picture: loaded, error: null });
		};
		load().catch((error: unknown) => {
			if (!leaving.signal.aborted) setState({ key, picture: null, error });
		});
		return () => {
			leaving.abort();
			if (loaded) closePicture(loaded);
		};
	}, [key, attempt]);
	const isCurrent = state.key === key;
	return { picture: isCurrent ? state.picture : null, error: isCurrent ? state.error : null, retry: () => setAttempt(attempt + 1) };
}

/** Where its bytes are. @throws {GlassworksApiError} not_found. @throws {RangeError} when it is not finished or was deleted */
async function sourceOf(ref: PictureRef, signal: AbortSignal): Promise<string> {
	const link = ref.kind === "asset" ? (await api.assets.get(ref.id, { signal })).url : await resultOf(ref.id, ref.n, signal);
	const source = pictureSource(link);
	if (source) return source;
	throw new RangeError("There is no such picture.");
}

async function resultOf(id: string, n: number, signal: AbortSignal): Promise<string | null> {
	const job = await refreshJob(id, signal);
	return job.images.find((image) => image.n === n)?.url ?? null;
}
