import type { BatchItem, Json } from "@glassworks/sdk";

/** For each item, what it asks for that the others do not: "seed 3, guidance 7". Prompts stand by themselves. */
export function differences(items: readonly BatchItem[]): string[] {
	const all = items.map(({ request, metadata }) => flat({ ...request, metadata }));
	const names = [...new Set(all.flatMap((fields) => Object.keys(fields)))].filter((name) => !/(^|\.)prompt$/.test(name));
	const differing = names.filter((name) => new Set(all.map((fields) => fields[name])).size > 1);
	return all.map((fields) =>
		differing
			.filter((name) => fields[name] !== undefined)
			.map((name) => `${name.replace(/^(inputs|metadata)\./, "").replaceAll("_", " ")} ${fields[name]}`)
			.join(", "),
	);
}

function flat(request: Record<string, Json>): Record<string, string> {
	const pairs = Object.entries(request).flatMap(([name, value]) =>
		typeof value === "object" && value !== null && !Array.isArray(value)
			? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, shown(each)] as const)
			: [[name, shown(value)] as const],
	);
	return Object.fromEntries(pairs);
}

const shown = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
