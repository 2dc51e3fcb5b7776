import { pathToFileURL } from "node:url";
import { ConfigError } from "./config.ts";
import { type OperatorConfig, operatorConfig } from "./domain/plans/operatorConfig.ts";

/** Reads and checks the operator's file. @throws {ConfigError} one line per wrong field */
export async function loadOperatorConfig(file: string): Promise<OperatorConfig> {
	const module: { glassworks?: unknown } = await import(pathToFileURL(file).href).catch((error: unknown) => {
		throw new ConfigError([`${file} could not be read: ${error instanceof Error ? error.message : "unknown reason"}`]);
	});
	const parsed = operatorConfig.safeParse(module.glassworks);
	if (parsed.success) return parsed.data;
	throw new ConfigError(parsed.error.issues.map((issue) => `${file}: ${issue.path.join(".") || "glassworks"}: ${issue.message}`));
}
