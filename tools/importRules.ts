// Who may import whom (docs/architecture.md), as rules for dependency-cruiser. checkImports.ts applies them.
import type { ICruiseOptions, IForbiddenRuleType } from "dependency-cruiser";

const test = "[.]test[.]tsx?$";

/** What the code in `from` may reach inside this repository, as patterns; npm packages and node:* are judged by other rules. */
function mayImportOnly(name: string, from: string, allowed: string[], comment: string): IForbiddenRuleType {
	return {
		name,
		comment,
		severity: "error",
		from: { path: from, pathNot: test },
		to: { path: "^(server|web|sdk|tools|bench|n8n)/", pathNot: [...allowed, "/node_modules/"] },
	};
}

const domain = "^server/src/domain/";
const contract = "^server/src/contract/";

export const importRules: IForbiddenRuleType[] = [
	{
		name: "no-circular",
		comment: "Two files that need each other at run time are one file, or hide a third. Types may refer to each other: they are erased.",
		severity: "error",
		from: {},
		to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
	},
	{
		name: "resolvable",
		comment: "An import that resolves to nothing would also blind every other rule.",
		severity: "error",
		from: {},
		to: { couldNotResolve: true, pathNot: "^virtual:" },
	},
	{
		name: "domain-is-pure",
		comment: "The domain does no I/O: it imports itself and zod.",
		severity: "error",
		from: { path: domain, pathNot: test },
		to: { pathNot: [domain, "(^|/)node_modules/zod/"] },
	},
	mayImportOnly("contract", contract, [domain, contract], "The wire is described with the domain's words and nothing else."),
	mayImportOnly(
		"http",
		"^server/src/http/",
		[domain, contract, "^server/src/http/"],
		"Routes know the domain and the wire, never a store or an engine.",
	),
	mayImportOnly(
		"worker",
		"^server/src/worker/",
		[domain, contract, "^server/src/worker/"],
		"A worker knows the domain, and the wire when its server is elsewhere; never a store or an engine.",
	),
	mayImportOnly(
		"dialects",
		"^server/src/dialects/",
		[domain, contract, "^server/src/dialects/"],
		"Dialects map other wires onto the domain.",
	),
	mayImportOnly(
		"engines",
		"^server/src/engines/([^/]+)/",
		[domain, "^server/src/engines/$1/"],
		"An engine knows the domain, never another engine.",
	),
	mayImportOnly(
		"parts",
		"^server/src/(store|pictures|fetching|models|mail|people|limits|webhooks)/",
		[domain, "^server/src/$1/"],
		"Each part implements ports of the domain and knows no other part.",
	),
	{
		name: "only-main-and-tests-import-app",
		comment: "app.ts is the composition root: whoever imports it knows everything.",
		severity: "error",
		from: { path: "^server/", pathNot: ["^server/src/main[.]ts$", "^server/test/"] },
		to: { path: "^server/src/app[.]ts$" },
	},
	{
		name: "server-stands-alone",
		comment: "What ships does not reach into tests, tools, benches or clients. The command line's use of the SDK is judged apart.",
		severity: "error",
		from: { path: "^server/(src|bin)/", pathNot: test },
		to: { path: ["^(web|tools|bench|n8n)/", "^server/test/", test] },
	},
	{
		name: "only-the-command-line-uses-the-sdk",
		comment: "The command line is a client of the running server; the server itself is not.",
		severity: "error",
		from: { path: "^server/(src|bin)/", pathNot: ["^server/src/cli/", test] },
		to: { path: "^sdk/" },
	},
	{
		name: "sdk-has-no-dependencies",
		comment: "The client runs in browsers, Node and workers, with nothing else installed.",
		severity: "error",
		from: { path: "^sdk/", pathNot: [test, "^sdk/test/"] },
		to: { pathNot: "^sdk/" },
	},
	mayImportOnly("web-through-the-sdk", "^web/", ["^web/", "^sdk/"], "The studio talks to the server over HTTP, through the SDK."),
	mayImportOnly("n8n-through-the-sdk", "^n8n/", ["^n8n/", "^sdk/"], "The n8n nodes talk to the server over HTTP, through the SDK."),
	{
		name: "canvas-without-react",
		comment: "The canvas is plain TypeScript.",
		severity: "error",
		from: { path: "^web/src/canvas/" },
		to: { path: "(^|/)node_modules/(react|react-dom|react-router)/" },
	},
];

export const cruiseOptions: ICruiseOptions = {
	doNotFollow: { path: "(^|/)node_modules/" },
	exclude: { path: "(^|/)(dist|generated)/" },
	tsPreCompilationDeps: true,
	enhancedResolveOptions: {
		exportsFields: ["exports"],
		conditionNames: ["import", "node", "default", "types"],
		extensions: [".ts", ".tsx", ".js", ".mjs", ".d.ts"],
	},
};
