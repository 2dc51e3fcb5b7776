import { GlassworksError } from "../errors.ts";

/** Names one picture. */
export interface PictureName {
	jobId: string;
	n: number;
}

export interface GalleryPicture extends PictureName {
	madeAt: Date;
	starred: boolean;
	/** Ids of the boards it is on. */
	boards: string[];
}

export interface Board {
	id: string;
	name: string;
	/** How many are on it. */
	pictures: number;
	createdAt: Date;
}

/** Whatever is null does not matter. */
export interface PictureFilter {
	/** Words of the prompt; each may be only the beginning of one. */
	words: string | null;
	starred: boolean | null;
	board: string | null;
	model: string | null;
}

export interface PictureChange {
	starred?: boolean | undefined;
	addTo?: string | undefined;
	removeFrom?: string | undefined;
}

/** A tenant's finished pictures: what it found worth keeping, and where it put them. Deleted pictures leave it. */
export interface Gallery {
	/** Newest first. `before`: `next` of the page before. @throws {GlassworksError} not_found: the board; invalid_request: `before` */
	list(
		tenantId: string,
		filter: PictureFilter,
		page: { limit: number; before: string | null },
	): Promise<{ pictures: GalleryPicture[]; next: string | null }>;
	/** All of them or none. @throws {GlassworksError} not_found: a picture or board */
	change(tenantId: string, pictures: readonly PictureName[], change: PictureChange): Promise<void>;
	/** Those of them that are not in the gallery. */
	missing(tenantId: string, pictures: readonly PictureName[]): Promise<PictureName[]>;
	/** By name. */
	boards(tenantId: string): Promise<Board[]>;
	/** @throws {GlassworksError} board_limit */
	createBoard(board: { id: string; tenantId: string; name: string }): Promise<Board>;
	/** @throws {GlassworksError} not_found */
	renameBoard(tenantId: string, boardId: string, name: string): Promise<Board>;
	/** The pictures stay. @throws {GlassworksError} not_found */
	deleteBoard(tenantId: string, boardId: string): Promise<void>;
}

export const maxBoards = 500;

/** Names the first of them in the request. */
export function missingPicture(pictures: readonly PictureName[], { jobId, n }: PictureName): GlassworksError {
	const at = pictures.findIndex((picture) => picture.jobId === jobId && picture.n === n);
	const message = `no finished picture ${n} of a job ${jobId}`;
	return new GlassworksError("not_found", `pictures.${at}: ${message}.`, {}, [{ path: ["pictures", at], message }]);
}
