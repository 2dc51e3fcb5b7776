import { describeEnvironment } from "../config.ts";

/** Every environment variable, for `glassworks help env`. */
export function environmentHelp(): string {
	const entries = describeEnvironment().map(({ name, description, default: standard }) => {
		const ending = standard === null ? "" : ` Default: ${standard}.`;
		return `${name}\n    ${description}${ending}`;
	});
	return ["Environment variables. One that is set to nothing counts as not set.", ...entries].join("\n\n");
}
