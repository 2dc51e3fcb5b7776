import fs from "node:fs";
import path from "node:path";

/** The environment variables by which suites receive what they need. A suite without its variable skips itself and is counted as skipped. */
export const resourceNames = ["TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_S3_ENDPOINT", "TEST_CHROMIUM"] as const;
export type ResourceName = (typeof resourceNames)[number];

/** Which resources a test file asks for: those that it, or a file it imports, mentions by name. */
export function neededResources(testFile: string): Set<ResourceName> {
	const needed = new Set<ResourceName>();
	const seen = new Set<string>();
	const waiting = [path.resolve(testFile)];
	for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
		if (seen.has(file) || !fs.existsSync(file)) continue;
		seen.add(file);
		const text = fs.readFileSync(file, "utf8");
		for (const name of resourceNames) if (text.includes(name)) needed.add(name);
		for (const [, imported = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+\.tsx?)["']/g)) {
			waiting.push(path.resolve(path.dirname(file), imported));
		}
	}
	return needed;
}
