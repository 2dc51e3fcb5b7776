import type { Principal } from "../plans/operatorConfig.ts";
import type { Workflow } from "./workflow.ts";

/** private: the key that saved it (the whole account, once that key is gone) · organisation: every key of the account · link: also who has the link. */
export const visibilities = ["private", "organisation", "link"] as const;
export type Visibility = (typeof visibilities)[number];

/** One version of a workflow, and whose it is. */
export interface WorkflowRecord {
	/** What jobs remember it by: the slug of one that ships, else `wfl_...`. */
	id: string;
	/** Null: it ships. */
	tenantId: string | null;
	visibility: Visibility | "everyone";
	/** Stands for its name to whoever has it, while it is shared so. Null to those who came by it. */
	link: string | null;
	/** The latest version there is. */
	newest: number;
	/** When this version was saved; null: it ships. */
	savedAt: Date | null;
	workflow: Workflow;
}

/** Who asks; with neither key nor person the machine's own token. */
export type Reader = Pick<Principal, "tenantId" | "keyId" | "userId">;

/** What a version holds; its name and number are the store's. */
export type WorkflowContent = Omit<Workflow, "slug" | "version">;

/** Finds workflows: those that ship, and those that accounts saved. */
export interface WorkflowFinder {
	/** By slug, id or link, as far as `who` may see it; the newest unless a version is given. Null: nothing to see by that name. */
	find(who: Reader, name: string, version?: number): Promise<WorkflowRecord | null>;
	/** The version a job of theirs was accepted with, by id, while they may still see it or it is still shared by link. */
	again(who: Reader, id: string, version: number): Promise<WorkflowRecord | null>;
	/** The version a job was accepted with, whoever asks. Null: it no longer ships. */
	exactly(id: string, version: number): Promise<Workflow | null>;
	/** Those that ship, each in its newest version. */
	shipped(): WorkflowRecord[];
}

/** Workflows that accounts save. Versions are never changed: what runs goes on with what it was accepted with. */
export interface WorkflowStore extends WorkflowFinder {
	/**
	 * The first version of a name, or the next. Content equal to the newest version's changes nothing. `visibility` is for new names only.
	 * @throws {GlassworksError} workflow_name_taken, workflow_limit
	 */
	save(who: Reader, draft: WorkflowDraft): Promise<{ record: WorkflowRecord; isNew: boolean }>;
	/** The account's own that `who` may see, newest first; not those that ship. */
	list(who: Reader, page: { limit: number; before: string | null }): Promise<{ records: WorkflowRecord[]; next: string | null }>;
	/** Every version's number and time, newest first; at most 1,000. */
	versions(id: string): Promise<{ version: number; savedAt: Date }[]>;
	/** `link` is what it is shared by, when `visibility` says so and it has none yet. @throws {GlassworksError} not_found */
	share(who: Reader, id: string, visibility: Visibility, link: string): Promise<WorkflowRecord>;
	/** Nobody finds it any more; its name is free again. @throws {GlassworksError} not_found */
	archive(who: Reader, id: string): Promise<void>;
}

export interface WorkflowDraft {
	/** Used when the name is new. */
	id: string;
	slug: string;
	visibility: Visibility;
	/** Used when the name is new and shared by link. */
	link: string;
	content: WorkflowContent;
	/** SHA-256 of the content, whatever the order of its fields. */
	digest: string;
}

export const maxWorkflows = 500;
export const maxVersions = 1_000;
