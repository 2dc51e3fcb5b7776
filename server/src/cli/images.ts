import type { Command } from "commander";
import { connect } from "./connect.ts";
import type { CliDeps } from "./deps.ts";

interface Json {
	json: boolean;
}
type Deletion = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>["client"]["images"]["delete"]>>;

const fates: Record<Deletion["bytes"], string> = {
	removed: "nothing of it is stored any more",
	shared: "another picture has the same bytes; they go with the last one",
	later: "the storage did not answer; the bytes go as soon as it does",
};

/** What became of something that was deleted, in one line. */
export function describeDeletion({ id, n, deleted_at, bytes }: Deletion): string {
	return `${id}${n === null ? "" : ` picture ${n}`} was deleted at ${deleted_at}: ${fates[bytes]}.`;
}

export function addImages(program: Command, deps: CliDeps): void {
	program
		.command("images")
		.description("Pictures of jobs: delete.")
		.command("delete")
		.description("Delete a picture, for everybody and at once; its job stays. `glassworks jobs delete` deletes all of a job.")
		.argument("<job>", "the job")
		.argument("[n]", "which of its pictures; 0 is the first", "0")
		.option("--json", "print JSON", false)
		.action(async (job: string, n: string, { json }: Json) => {
			const deletion = await (await connect(deps.readConfig())).client.images.delete(job, Number(n));
			if (json) return deps.terminal.printJson(deletion);
			deps.terminal.print(describeDeletion(deletion));
		});
}
