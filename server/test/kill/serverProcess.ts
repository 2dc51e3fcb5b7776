import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface ServerProcess {
	/** Its first line: the address it serves at, once it does; never for a server without the API. Rejects when the process ends before. */
	url: Promise<string>;
	/** Ends it and waits until it is gone. @throws when it had ended on its own */
	end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** Runs `serve` as its own process. `services` is what --services takes. */
export const startServer = (services: string, variables: Record<string, string>): ServerProcess =>
	startCommand(["serve", `--services=${services}`], variables);

/** Runs a command of ours as its own process, with nothing of this process's configuration. */
export function startCommand(argv: string[], variables: Record<string, string>): ServerProcess {
	const { PATH = "", HOME = "" } = process.env;
	const child = spawn(process.execPath, [main, ...argv], {
		env: { PATH, HOME, ...variables },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let out = "";
	let err = "";
	let hasEnded = false;
	const exited = new Promise<void>((resolve) =>
		child.once("close", () => {
			hasEnded = true;
			resolve();
		}),
	);
	child.stderr.on("data", (chunk) => {
		err = `${err}${chunk}`.slice(-4_000);
	});
	const url = new Promise<string>((resolve, reject) => {
		child.once("error", reject);
		child.stdout.on("data", (chunk) => {
			out += chunk;
			if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")));
		});
		void exited.then(() => reject(new Error(`${argv.join(" ")} ended before it said anything:\n${err}`)));
	});
	// A process that is killed while it starts never serves, and nobody waits for its address.
	url.catch(() => {});
	return {
		url,
		async end(signal) {
			if (hasEnded) throw new Error(`${argv.join(" ")} ended on its own:\n${err}`);
			child.kill(signal);
			await exited;
		},
	};
}
