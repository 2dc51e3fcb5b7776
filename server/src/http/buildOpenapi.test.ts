import { beforeAll, expect, test } from "vitest";
import { buildOpenapi } from "./buildOpenapi.ts";

interface Operation {
	operationId?: string;
	summary?: string;
	tags?: string[];
	security?: Record<string, unknown>[];
	parameters?: { name: string; in: string; required?: boolean }[];
	responses: Record<string, { description?: string; content?: Record<string, { schema?: { $ref?: string } }> }>;
}
interface Document {
	openapi: string;
	info: { title: string; version: string };
	paths: Record<string, Record<string, Operation>>;
	components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}
let document: Document;
let operations: { name: string; path: string; operation: Operation }[];

beforeAll(async () => {
	document = (await buildOpenapi("1.2.3")) as Document;
	operations = Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
	);
});

test("the document is OpenAPI 3.1 and says which version of the server it describes", () => {
	expect(document.openapi).toBe("3.1.0");
	expect(document.info).toMatchObject({ title: "Glassworks", version: "1.2.3" });
	expect(operations.length).toBeGreaterThanOrEqual(25);
});

test("every operation has its own id, a summary, a tag and says who may call it", () => {
	const ids = operations.map(({ operation }) => operation.operationId);
	expect(new Set(ids).size).toBe(ids.length);
	for (const { name, operation } of operations) {
		expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
		expect(operation.summary, name).toBeTruthy();
		expect(operation.tags, name).toHaveLength(1);
		expect(operation.security, name).toBeInstanceOf(Array);
		for (const way of operation.security ?? [])
			for (const scheme of Object.keys(way)) expect(document.components.securitySchemes, name).toHaveProperty(scheme);
	}
});

test("every route of the API says that it can fail, and fails as a problem", () => {
	for (const { name, path, operation } of operations) {
		if (!path.startsWith("/api/")) continue;
		const isOpen = operation.security?.length === 0;
		const failures = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
		expect(
			failures.map(([status]) => status),
			name,
		).toEqual(expect.arrayContaining([...(isOpen ? [] : ["401"]), "500", "503"]));
		for (const [status, response] of failures)
			expect(response.content?.["application/problem+json"]?.schema?.$ref, `${name} ${status}`).toBe("#/components/schemas/Problem");
	}
});

test("every parameter in an address is described", () => {
	for (const { name, path, operation } of operations) {
		const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
		const described = (operation.parameters ?? [])
			.filter((parameter) => parameter.in === "path" && parameter.required)
			.map((parameter) => parameter.name);
		expect(described.toSorted(), name).toEqual(named.toSorted());
	}
});

test("every reference leads somewhere", () => {
	const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? "");
	expect(references.length).toBeGreaterThan(50);
	for (const name of references) expect(document.components.schemas).toHaveProperty([name]);
	expect(Object.keys(document.components.schemas).filter((name) => name.startsWith("__"))).toEqual([]);
});
