import type { CreateGeneration } from "@glassworks/sdk";

export type Language = "curl" | "TypeScript" | "Python";
export const languages: readonly Language[] = ["curl", "TypeScript", "Python"];

/** The request as a program would send it, with the key left to whoever runs it. */
export function codeFor(language: Language, request: CreateGeneration, origin: string): string {
	const body = JSON.stringify(request, null, 2);
	switch (language) {
		case "curl":
			// In single quotes a shell changes nothing but the quote itself.
			return `curl ${origin}/api/v1/generations \\
  -H "Authorization: Bearer $GLASSWORKS_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${body.replaceAll("'", "'\\''")}'`;
		case "TypeScript":
			return `import { createClient } from "@glassworks/sdk";

const glassworks = createClient({ baseUrl: "${origin}", apiKey: process.env.GLASSWORKS_KEY });
const job = await glassworks.generations.create(${body});
const { images } = await glassworks.jobs.wait(job.id);
console.log(images.map((image) => image.url));`;
		case "Python":
			return `import os, time, requests

server = "${origin}"
headers = {"Authorization": f"Bearer {os.environ['GLASSWORKS_KEY']}"}
request = ${python(request)}
job = requests.post(f"{server}/api/v1/generations", json=request, headers=headers).json()
while not job["finished_at"]:
    time.sleep(1)
    job = requests.get(f"{server}/api/v1/jobs/{job['id']}", headers=headers).json()
print([image["url"] for image in job["images"]])`;
	}
}

/** JSON strings are Python strings as well; its words for true, false and null are others. */
function python(value: unknown, indent = ""): string {
	const inner = `${indent}    `;
	if (value === true) return "True";
	if (value === false) return "False";
	if (value === null || value === undefined) return "None";
	if (typeof value !== "object") return JSON.stringify(value);
	const parts = Array.isArray(value)
		? value.map((each) => python(each, inner))
		: Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${python(each, inner)}`);
	const [open, close] = Array.isArray(value) ? "[]" : "{}";
	return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)},\n${indent}${close}`;
}
