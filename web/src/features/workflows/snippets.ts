import type { JsonObject } from "@glassworks/sdk";

export interface Snippet {
	name: string;
	code: string;
}

/** The run on the form, as a program would ask for it. `origin`: where the server is. */
export function snippets(origin: string, slug: string, body: JsonObject): Snippet[] {
	const json = JSON.stringify(body, null, 2);
	const path = `/api/v1/workflows/${encodeURIComponent(slug)}/runs`;
	return [
		{
			name: "curl",
			code: `curl ${origin}${path} \\
  -H "Authorization: Bearer $GLASSWORKS_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${json.replaceAll("'", String.raw`'\''`)}'`,
		},
		{
			name: "TypeScript",
			code: `import { createClient } from "@glassworks/sdk";

const glassworks = createClient({ baseUrl: ${JSON.stringify(origin)}, apiKey: process.env.GLASSWORKS_API_KEY });
const accepted = await glassworks.workflows.run(${JSON.stringify(slug)}, ${json});
const job = await glassworks.jobs.wait(accepted.id);
console.log(job.images.map((image) => image.url));`,
		},
		{
			name: "Python",
			code: `import os, time, requests

glassworks = requests.Session()
glassworks.headers["Authorization"] = f"Bearer {os.environ['GLASSWORKS_API_KEY']}"
answer = glassworks.post("${origin}${path}", json=${python(body)})
answer.raise_for_status()
job = answer.json()
while job["finished_at"] is None:
    time.sleep(1)
    job = glassworks.get(f"${origin}/api/v1/jobs/{job['id']}").json()
print([image["url"] for image in job["images"]])`,
		},
	];
}

/** JSON as Python writes it. */
function python(value: unknown, indent = ""): string {
	const inner = `${indent}    `;
	if (value === null || value === undefined) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	if (Array.isArray(value)) return `[${value.map((each) => python(each, indent)).join(", ")}]`;
	if (typeof value !== "object") return JSON.stringify(value);
	const entries = Object.entries(value);
	if (entries.length === 0) return "{}";
	return `{\n${entries.map(([name, each]) => `${inner}${JSON.stringify(name)}: ${python(each, inner)},`).join("\n")}\n${indent}}`;
}
