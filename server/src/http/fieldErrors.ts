import type { core, z } from "zod";
import { type FieldError, GlassworksError } from "../domain/errors.ts";

type Issue = core.$ZodIssue;

/** @throws {GlassworksError} invalid_request, naming each wrong field */
export function parseFields<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const fields = fieldErrors(parsed.error.issues);
	throw new GlassworksError("invalid_request", summary(fields), {}, fields);
}

/** One entry per wrong field, with the field's full path; says what would be right. */
export function fieldErrors(issues: readonly Issue[]): FieldError[] {
	return issues.flatMap((issue) => fromIssue(issue, []));
}

/** All of them in one line, for people who read only `detail`. */
export function summary(fields: readonly FieldError[]): string {
	const lines = fields.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message));
	return lines.length > 0 ? `${lines.join("; ")}.` : "The request is not valid.";
}

function fromIssue(issue: Issue, parent: FieldError["path"]): FieldError[] {
	const path = [...parent, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
	if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], message: "unknown field" }));
	if (issue.code === "invalid_union") {
		const branch = nearestBranch(issue.errors);
		if (branch) return branch.flatMap((entry) => fromIssue(entry, path));
	}
	if (issue.code === "invalid_key") return issue.issues.map(({ message }) => ({ path, message }));
	if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
		return [{ path, message: `is required (${issue.expected})` }];
	return [{ path, message: issue.message.replace(/^Invalid input: /, "") }];
}

/** The choice of a union that the caller most likely meant: the one whose fields they named. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
	const strangeness = (issues: readonly Issue[]) =>
		issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length * 10 : 0) + 1, 0);
	return branches.toSorted((a, b) => strangeness(a) - strangeness(b))[0] ?? null;
}
