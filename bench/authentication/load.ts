// Asks one address over and over, and tells the process that started it how that went.
import http from "node:http";

export interface Load {
	url: string;
	/** Taken in turn. */
	keys: string[];
	/** Requests at a time. */
	lanes: number;
	ms: number;
}

export interface Measured {
	perSecond: number;
	/** Every 20th request. */
	sampleMs: number[];
	/** Answers other than 200. */
	failed: number;
}

process.once("message", async (load) => {
	process.send?.(await run(load as Load));
	process.exit(0);
});

async function run({ url, keys, lanes, ms }: Load): Promise<Measured> {
	const agent = new http.Agent({ keepAlive: true, maxSockets: lanes });
	const sampleMs: number[] = [];
	let [done, failed] = [0, 0];
	const until = performance.now() + ms;
	const lane = async () => {
		while (performance.now() < until) {
			const at = done++;
			const startedAt = performance.now();
			if ((await ask(agent, url, keys[at % keys.length] ?? "")) !== 200) failed += 1;
			if (at % 20 === 0) sampleMs.push(performance.now() - startedAt);
		}
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	return { perSecond: done / (ms / 1_000), sampleMs, failed };
}

function ask(agent: http.Agent, url: string, key: string): Promise<number> {
	return new Promise((resolve, reject) => {
		http
			.get(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
				response.resume();
				response.once("end", () => resolve(response.statusCode ?? 0));
			})
			.once("error", reject);
	});
}
