import { GlassworksError } from "../../domain/errors.ts";
import {
	type Board,
	type Gallery,
	type GalleryPicture,
	maxBoards,
	missingPicture,
	type PictureChange,
	type PictureFilter,
	type PictureName,
} from "../../domain/gallery/gallery.ts";
import { type Database, json, type Query, type Session, sql } from "../sql.ts";

export function createGallery(database: Database): Gallery {
	return {
		list: (tenantId, filter, page) => listPictures(database, tenantId, filter, page),
		change: (tenantId, pictures, change) => database.transaction((tx) => changePictures(tx, tenantId, pictures, change)),
		missing: (tenantId, pictures) => missingOf(database, tenantId, pictures),
		boards: (tenantId) => database.query<Board>(sql`${boardsOf(sql`b.tenant_id = ${tenantId}`)} order by lower(b.name), b.id`),
		createBoard: (board) => database.transaction((tx) => createBoard(tx, board)),
		renameBoard: (tenantId, boardId, name) =>
			database.transaction(async (tx) => {
				await tx.query(sql`update boards set name = ${name} where id = ${boardId} and tenant_id = ${tenantId}`);
				return readBoard(tx, tenantId, boardId);
			}),
		async deleteBoard(tenantId, boardId) {
			const gone = await database.query(sql`delete from boards where id = ${boardId} and tenant_id = ${tenantId} returning id`);
			if (gone.length === 0) throw noBoard(boardId);
		},
	};
}

interface PictureRow extends GalleryPicture {
	/** Microseconds since 1970. */
	madeUs: number;
}

async function listPictures(
	database: Database,
	tenantId: string,
	filter: PictureFilter,
	{ limit, before }: { limit: number; before: string | null },
): Promise<{ pictures: GalleryPicture[]; next: string | null }> {
	if (filter.board !== null) await requireBoard(database, tenantId, filter.board, "board");
	const rows = await database.query<PictureRow>(sql`select r.job_id as "jobId", r.index as n, r.made_at as "madeAt",
			(extract(epoch from r.made_at) * 1000000)::bigint as "madeUs", r.starred_at is not null as starred,
			array(select p.board_id from board_pictures p where p.job_id = r.job_id and p.n = r.index order by p.board_id) as boards
		from image_runs r where r.tenant_id = ${tenantId} and r.made_at is not null ${matching(filter)} ${before === null ? sql`` : after(before)}
		order by r.made_at desc, r.job_id desc, r.index desc limit ${limit + 1}`);
	const last = rows[limit - 1];
	return {
		pictures: rows.slice(0, limit).map(({ madeUs: _us, ...picture }) => picture),
		next: rows.length > limit && last ? `${last.madeUs}.${last.jobId}.${last.n}` : null,
	};
}

function matching({ words, starred, board, model }: PictureFilter): Query {
	const hasWords = words === null ? sql`` : sql`and r.words @@ word_query(${words})`;
	const isStarred = starred === null ? sql`` : starred ? sql`and r.starred_at is not null` : sql`and r.starred_at is null`;
	const isOnBoard =
		board === null
			? sql``
			: sql`and exists (select 1 from board_pictures p where p.board_id = ${board} and p.job_id = r.job_id and p.n = r.index)`;
	const isByModel = model === null ? sql`` : sql`and exists (select 1 from jobs j where j.id = r.job_id and j.model = ${model})`;
	return sql`${hasWords} ${isStarred} ${isOnBoard} ${isByModel}`;
}

/** The cursor says where it stands by itself: its picture may have been deleted since. */
function after(cursor: string): Query {
	const [, us, jobId, n] = /^(\d{1,16})\.([A-Za-z0-9_-]{1,100})\.(\d{1,5})$/.exec(cursor) ?? [];
	if (us === undefined || jobId === undefined || n === undefined) {
		const message = "must be `next` of the page before";
		throw new GlassworksError("invalid_request", `before: ${message}.`, {}, [{ path: ["before"], message }]);
	}
	return sql`and (r.made_at, r.job_id, r.index) < (timestamptz 'epoch' + ${Number(us)}::bigint * interval '1 microsecond', ${jobId}, ${Number(n)}::int)`;
}

async function changePictures(tx: Session, tenantId: string, pictures: readonly PictureName[], change: PictureChange): Promise<void> {
	const { starred, addTo, removeFrom } = change;
	if (addTo !== undefined) await requireBoard(tx, tenantId, addTo, "add_to_board", sql`for key share`);
	if (removeFrom !== undefined) await requireBoard(tx, tenantId, removeFrom, "remove_from_board", sql`for key share`);
	await lockPictures(tx, tenantId, pictures);
	if (starred !== undefined)
		await tx.query(sql`update image_runs r set starred_at = case when ${starred} then coalesce(r.starred_at, clock_timestamp()) end
			from ${named(pictures)} where r.job_id = p."jobId" and r.index = p.n and (r.starred_at is not null) <> ${starred}`);
	if (removeFrom !== undefined)
		await tx.query(sql`delete from board_pictures b using ${named(pictures)}
			where b.board_id = ${removeFrom} and b.job_id = p."jobId" and b.n = p.n`);
	if (addTo !== undefined)
		await tx.query(sql`insert into board_pictures (board_id, job_id, n, tenant_id)
			select ${addTo}, p."jobId", p.n, ${tenantId} from ${named(pictures)} on conflict do nothing`);
}

const named = (pictures: readonly PictureName[]): Query =>
	sql`(select distinct * from jsonb_to_recordset(${json(pictures)}::jsonb) as x("jobId" text, n int)) p`;

/** In one order, whoever comes; a picture that is deleted meanwhile is missing afterwards. */
async function lockPictures(tx: Session, tenantId: string, pictures: readonly PictureName[]): Promise<void> {
	await tx.query(sql`select 1 from image_runs r where r.tenant_id = ${tenantId} and (r.job_id, r.index) in (select p."jobId", p.n from ${named(pictures)})
		order by r.job_id, r.index for update`);
	const [gone] = await missingOf(tx, tenantId, pictures);
	if (gone) throw missingPicture(pictures, gone);
}

const missingOf = (session: Session, tenantId: string, pictures: readonly PictureName[]): Promise<PictureName[]> =>
	session.query<PictureName>(sql`select p."jobId", p.n from ${named(pictures)} where not exists (select 1 from image_runs r
		where r.job_id = p."jobId" and r.index = p.n and r.tenant_id = ${tenantId} and r.made_at is not null)`);

const boardsOf = (which: Query): Query => sql`select b.id, b.name, b.created_at as "createdAt",
	(select count(*)::int from board_pictures p where p.board_id = b.id) as pictures from boards b where ${which}`;

async function readBoard(session: Session, tenantId: string, boardId: string): Promise<Board> {
	const [board] = await session.query<Board>(boardsOf(sql`b.id = ${boardId} and b.tenant_id = ${tenantId}`));
	if (!board) throw noBoard(boardId);
	return board;
}

/** `lock`: it stays until the transaction ends. */
async function requireBoard(session: Session, tenantId: string, boardId: string, field: string, lock = sql``): Promise<void> {
	const [board] = await session.query(sql`select 1 as one from boards where id = ${boardId} and tenant_id = ${tenantId} ${lock}`);
	if (!board) throw noBoard(boardId, field);
}

function noBoard(boardId: string, field?: string): GlassworksError {
	const message = `no board ${boardId}`;
	return field
		? new GlassworksError("not_found", `${field}: ${message}.`, {}, [{ path: [field], message }])
		: new GlassworksError("not_found", "No board of that id.");
}

async function createBoard(tx: Session, { id, tenantId, name }: { id: string; tenantId: string; name: string }): Promise<Board> {
	await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
	const made = await tx.query(sql`insert into boards (id, tenant_id, name) select ${id}, ${tenantId}, ${name}
		where (select count(*) from boards where tenant_id = ${tenantId}) < ${maxBoards} returning id`);
	if (made.length === 0) throw new GlassworksError("board_limit", `An account has at most ${maxBoards} boards.`, { max: maxBoards });
	return readBoard(tx, tenantId, id);
}
