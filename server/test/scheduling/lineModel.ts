import { compete, finishTag, floorTag, virtualCost, virtualTime } from "../../src/domain/scheduling/fairQueue.ts";
import { closeGap, moveToFront, reweigh } from "../../src/domain/scheduling/rechain.ts";

export interface ModelStep {
	capability: string;
	predictedMs: number;
}

export interface Picture {
	/** Order of submission; of equal tags the lower one goes first. */
	id: number;
	jobId: string;
	index: number;
	tenant: string;
	weight: number;
	/** All in this pool, one after another. */
	steps: readonly ModelStep[];
	/** The step that waits or runs. */
	at: number;
	tag: number;
	/** The earliest it may start. */
	floor: number;
	state: "scheduled" | "ready" | "running" | "done" | "failed" | "cancelled";
	/** False: parked, its tenant runs as many pictures as its plan allows. */
	claimable: boolean;
	hasPlace: boolean;
	/** A worker claimed one of its steps once. */
	touched: boolean;
}

export interface ModelTenant {
	weight: number;
	/** Pictures at once; null: no cap. */
	cap: number | null;
	/** By capability. */
	lastTags: Map<string, number>;
}

export interface ModelJob {
	jobId: string;
	tenant: string;
	pictures?: number;
	steps: readonly ModelStep[];
	/** Waits for `release` before it is tagged. */
	later?: boolean;
}

export const byTag = (a: Picture, b: Picture): number => a.tag - b.tag || a.id - b.id;
/** Predicted time of all its steps. */
export const costMs = ({ steps }: Picture): number => steps.reduce((sum, step) => sum + step.predictedMs, 0);
export const capabilityOf = (picture: Picture): string => picture.steps[picture.at]?.capability ?? "";

const isPending = ({ state }: Picture): boolean => state === "scheduled" || state === "ready" || state === "running";
const virtualCostOf = (picture: Picture): number => virtualCost(costMs(picture), picture.weight);

/** One pool's line, in memory: what the database must agree with. Decides nothing itself that domain/scheduling decides. */
export class LineModel {
	readonly pictures: Picture[] = [];
	readonly tenants = new Map<string, ModelTenant>();
	readonly clock: typeof virtualTime;
	/** Who there is: capabilities that no worker runs together are lines apart. Left empty, all compete. */
	workers: { capabilities: readonly string[] }[] = [];
	/** Largest tag put into service, by capability. */
	readonly served = new Map<string, number>();

	/** Another `clock` than the policy's shows what the policy's is for. */
	constructor(clock = virtualTime) {
		this.clock = clock;
	}

	addTenant(name: string, terms: { weight: number; cap?: number | null }): void {
		this.tenants.set(name, { cap: null, ...terms, lastTags: new Map() });
	}

	/** V for a step of this capability that comes now. */
	virtualTime(capability: string): number {
		let smallestWaiting: number | null = null;
		for (const picture of this.pictures)
			if (
				picture.state === "ready" &&
				picture.claimable &&
				capabilityOf(picture) === capability &&
				(smallestWaiting === null || picture.tag < smallestWaiting)
			)
				smallestWaiting = picture.tag;
		const servedInPool = Math.max(0, ...this.served.values());
		return this.clock({ servedOfCapability: this.served.get(capability) ?? 0, servedInPool, smallestWaiting });
	}

	/** Everything in line, parked pictures too, in order. */
	ready(tenant?: string): Picture[] {
		return this.pictures.filter((picture) => picture.state === "ready" && (tenant ?? picture.tenant) === picture.tenant).sort(byTag);
	}

	claimable(capabilities: readonly string[]): Picture[] {
		return this.ready().filter((picture) => picture.claimable && capabilities.includes(capabilityOf(picture)));
	}

	submit({ jobId, tenant, pictures = 1, steps, later = false }: ModelJob): void {
		const { weight } = this.tenant(tenant);
		for (let index = 0; index < pictures; index++) {
			const id = this.pictures.length;
			const fresh = { at: 0, tag: 0, floor: 0, state: "scheduled", claimable: true, hasPlace: false, touched: false } as const;
			this.pictures.push({ id, jobId, index, tenant, weight, steps, ...fresh });
		}
		if (!later) this.release(jobId);
	}

	release(jobId: string): void {
		for (const picture of this.pictures)
			if (picture.jobId === jobId && picture.state === "scheduled") {
				const tenant = this.tenant(picture.tenant);
				const capability = capabilityOf(picture);
				const competing = [...tenant.lastTags].filter(([other]) => other !== capability && compete(other, capability, this.workers));
				picture.floor = floorTag(
					this.virtualTime(capability),
					competing.map(([, lastTag]) => lastTag),
				);
				const lastTag = tenant.lastTags.get(capability) ?? 0;
				picture.tag = finishTag({ floor: picture.floor, lastTag }, costMs(picture), picture.weight);
				tenant.lastTags.set(capability, picture.tag);
				picture.hasPlace = tenant.cap !== null && this.placesTaken(picture.tenant) < tenant.cap;
				picture.claimable = tenant.cap === null || picture.hasPlace;
				picture.state = "ready";
			}
	}

	claim(capabilities: readonly string[], atMost = 1): Picture[] {
		const taken = this.claimable(capabilities).slice(0, atMost);
		for (const picture of taken) {
			Object.assign(picture, { state: "running", touched: true });
			const capability = capabilityOf(picture);
			this.served.set(capability, Math.max(this.served.get(capability) ?? 0, picture.tag));
		}
		return taken;
	}

	finish(picture: Picture, outcome: "done" | "retry" | "failed"): void {
		const capability = capabilityOf(picture);
		// Work that ran waits again with its old tag: the clock must not fall back to it.
		if (outcome === "retry") this.served.set(capability, this.virtualTime(capability));
		if (outcome === "done") picture.at++;
		picture.state = outcome === "failed" ? "failed" : picture.at < picture.steps.length ? "ready" : "done";
		this.fillPlaces(picture.tenant);
	}

	/** Untouched pictures give their place in line back. */
	cancel(jobId: string): void {
		const gone = this.pictures.filter((picture) => picture.jobId === jobId && isPending(picture)).sort(byTag);
		const untouched = gone.filter((picture) => picture.state === "ready" && !picture.touched);
		for (const picture of gone) picture.state = "cancelled";
		for (const line of Map.groupBy(untouched, capabilityOf).values()) this.giveBack(line);
		const [first] = gone;
		if (first) this.fillPlaces(first.tenant);
	}

	private giveBack(gone: readonly Picture[]): void {
		const [first] = gone;
		const last = gone.at(-1);
		if (!first || !last) return;
		const line = capabilityOf(first);
		const later = this.untouched(first.tenant).filter((picture) => picture.tag > first.tag && capabilityOf(picture) === line);
		const { lastTags } = this.tenant(first.tenant);
		const before = Math.max(last.tag, later.at(-1)?.tag ?? 0);
		const from = first.tag - virtualCostOf(first);
		const moves = closeGap(later.map(toLink), from);
		for (const { link, orderKey } of moves) link.picture.tag = orderKey;
		if (lastTags.get(line) === before) lastTags.set(line, moves.at(-1)?.orderKey ?? from);
	}

	toFront(jobId: string): void {
		const tenant = this.pictures.find((picture) => picture.jobId === jobId)?.tenant ?? "";
		if (!this.untouched(tenant).some((picture) => picture.jobId === jobId)) return;
		this.retag(tenant, (links) => (links.some((link) => link.jobId === jobId) ? moveToFront(links, jobId) : links.map(asItIs)));
		this.passPlacesOn(tenant);
	}

	changePlan(name: string, { weight, cap }: { weight: number; cap: number | null }): void {
		this.retag(name, (links) => reweigh(links, weight));
		Object.assign(this.tenant(name), { weight, cap });
		for (const picture of this.pictures)
			if (picture.tenant === name && isPending(picture)) {
				picture.weight = weight;
				if (cap !== null && picture.touched) picture.hasPlace = true;
			}
		this.passPlacesOn(name);
	}

	tenant(name: string): ModelTenant {
		const tenant = this.tenants.get(name);
		if (!tenant) throw new Error(`no tenant ${name}`);
		return tenant;
	}

	private untouched(tenant: string): Picture[] {
		return this.ready(tenant).filter((picture) => !picture.touched);
	}

	/** Each of the tenant's lines by itself. */
	private retag(tenant: string, policy: (links: readonly Link[]) => { link: Link; orderKey: number }[]): void {
		const all = this.untouched(tenant).map(toLink);
		const { lastTags } = this.tenant(tenant);
		for (const [line, links] of Map.groupBy(all, (link) => capabilityOf(link.picture))) {
			const before = links.at(-1)?.orderKey;
			const moves = policy(links);
			for (const { link, orderKey } of moves) link.picture.tag = orderKey;
			if (lastTags.get(line) === before) lastTags.set(line, moves.at(-1)?.orderKey ?? 0);
		}
	}

	private placesTaken(tenant: string): number {
		return this.pictures.filter((picture) => picture.tenant === tenant && picture.hasPlace && isPending(picture)).length;
	}

	private fillPlaces(tenant: string): void {
		const { cap } = this.tenant(tenant);
		if (cap === null) return;
		for (const picture of this.ready(tenant).filter((waiting) => !waiting.claimable)) {
			if (this.placesTaken(tenant) >= cap) return;
			Object.assign(picture, { claimable: true, hasPlace: true });
		}
	}

	/** Pictures nobody began give up their places; the first in line get them. */
	private passPlacesOn(tenant: string): void {
		const isCapped = this.tenant(tenant).cap !== null;
		for (const picture of isCapped ? this.untouched(tenant) : this.ready(tenant))
			Object.assign(picture, isCapped ? { claimable: false, hasPlace: false } : { claimable: true });
		this.fillPlaces(tenant);
	}
}

interface Link {
	picture: Picture;
	jobId: string;
	orderKey: number;
	predictedMs: number;
	weight: number;
	floorKey: number;
}

const toLink = (picture: Picture): Link => {
	const { jobId, weight } = picture;
	return { picture, jobId, orderKey: picture.tag, predictedMs: costMs(picture), weight, floorKey: picture.floor };
};
const asItIs = (link: Link) => ({ link, orderKey: link.orderKey });
