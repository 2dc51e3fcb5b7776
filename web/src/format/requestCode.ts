/** Something asked of the API that makes a job, as it stands on a form. */
export interface ApiRequest {
	/** Where the server is. */
	origin: string;
	/** Behind the origin. */
	path: string;
	body: object;
	/** The SDK's method and what stands before the body in its call: `workflows.run("slug", `. */
	call: string;
}

export const languages = ["curl", "TypeScript", "Python"] as const;
export type Language = (typeof languages)[number];

/** The request as a program would send it, with the key left to whoever runs it. */
export function requestCode(language: Language, { origin, path, body, call }: ApiRequest): string {
	const json = JSON.stringify(body, null, 2);
	switch (language) {
		case "curl":
			// In single quotes a shell changes nothing but the quote itself.
			return `curl ${origin}${path} \\
  -H "Authorization: Bearer $GLASSWORKS_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${json.replaceAll("'", String.raw`'\''`)}'`;
		case "TypeScript":
			return `import { createClient } from "@glassworks/sdk";

const glassworks = createClient({ baseUrl: ${JSON.stringify(origin)}, apiKey: process.env.GLASSWORKS_KEY });
const accepted = await glassworks.${call}${json});
const job = await glassworks.jobs.wait(accepted.id);
console.log(job.images.map((image) => image.url));`;
		case "Python":
			return `import os, time, requests

glassworks = requests.Session()
glassworks.headers["Authorization"] = f"Bearer {os.environ['GLASSWORKS_KEY']}"
answer = glassworks.post("${origin}${path}", json=${python(body)})
answer.raise_for_status()
job = answer.json()
while job["finished_at"] is None:
    time.sleep(1)
    job = glassworks.get(f"${origin}/api/v1/jobs/{job['id']}").json()
print([image["url"] for image in job["images"]])`;
	}
}

/** JSON strings are Python strings as well; its words for true, false and null are others. */
function python(value: unknown, indent = ""): string {
	const inner = `${indent}    `;
	if (value === null || value === undefined) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	if (typeof value !== "object") return JSON.stringify(value);
	const parts = Array.isArray(value)
		? value.map((each) => python(each, inner))
		: Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${python(each, inner)}`);
	const [open, close] = Array.isArray(value) ? "[]" : "{}";
	return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)},\n${indent}${close}`;
}
