import { type Event, pick } from "./histories.ts";
import type { LineModel, ModelStep, Picture } from "./lineModel.ts";

/** What the numbers of events choose from. */
export interface Cast {
	tenants: readonly string[];
	/** What each worker can run. */
	workers: readonly (readonly string[])[];
	/** Steps of a picture by its kind. */
	stepsOf(tenant: string, kind: number, predictedMs: number): ModelStep[];
}

export interface Play {
	line: LineModel;
	running: Picture[];
	/** Every picture put into service, as often as it was. */
	served: Picture[];
	/** Every job so far, ended ones too. */
	jobs: string[];
	happen(event: Event): void;
}

/** Lets events happen to the pure model alone. */
export function playOn(line: LineModel, { tenants, workers, stepsOf }: Cast): Play {
	const play: Play = { line, running: [], served: [], jobs: [], happen };
	function happen(event: Event): void {
		if (event.do === "submit") {
			const jobId = `job ${play.jobs.length}`;
			const tenant = pick(tenants, event.tenant) ?? "";
			line.submit({ jobId, tenant, pictures: event.pictures, steps: stepsOf(tenant, event.kind, event.predictedMs), later: event.later });
			play.jobs.push(jobId);
		} else if (event.do === "claim") {
			const taken = line.claim(pick(workers, event.worker) ?? [], event.atMost);
			play.running.push(...taken);
			play.served.push(...taken);
		} else if (event.do === "finish") {
			const picture = pick(play.running, event.running);
			if (!picture) return;
			play.running.splice(play.running.indexOf(picture), 1);
			line.finish(picture, event.outcome);
		} else if (event.do === "changePlan") line.changePlan(pick(tenants, event.tenant) ?? "", event.terms);
		else if (event.do !== "nothing") steer(event.do, pick(play.jobs, event.job) ?? "");
		play.running = play.running.filter((picture) => picture.state === "running");
	}
	function steer(what: "release" | "cancel" | "toFront", jobId: string): void {
		if (what === "release") line.release(jobId);
		else if (what === "cancel") line.cancel(jobId);
		else line.toFront(jobId);
	}
	return play;
}
