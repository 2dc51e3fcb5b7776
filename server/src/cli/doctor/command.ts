import type { Command } from "commander";
import type { CliDeps } from "../deps.ts";
import { CliFailure } from "../failure.ts";
import { checks, type Finding, runCheck } from "./checks.ts";

export function addDoctor(program: Command, deps: CliDeps): void {
	program
		.command("doctor")
		.description("Check this machine: Node, folders, database, engines, models. Ends with 1 when something fails.")
		.option("--json", "print JSON", false)
		.action((options: { json: boolean }) => diagnose(deps, options));
}

async function diagnose({ readConfig, openPorts, terminal, stop }: CliDeps, { json }: { json: boolean }): Promise<void> {
	const ports = { config: readConfig(), openPorts, signal: stop.signal };
	const findings: Finding[] = [];
	for (const check of checks) {
		const found = await runCheck(check, ports);
		findings.push(...found);
		if (!json) for (const line of found.flatMap(toLines)) terminal.print(line);
	}
	if (json) terminal.printJson(findings);
	const failed = findings.filter((finding) => finding.level === "fail").length;
	if (failed > 0) throw new CliFailure(`${failed} of ${findings.length} checks failed.`);
}

function toLines({ level, what, found, advice }: Finding): string[] {
	return [`${level.padEnd(4)}  ${what}: ${found}`, ...(advice ? [`      ${advice}`] : [])];
}
