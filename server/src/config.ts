import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { findS3Conflicts, type S3Config, s3Variables, toS3 } from "./s3Config.ts";

/** What ships with the project; the same two folders up from src/ and from dist/. */
const shippedOperatorFile = fileURLToPath(new URL("../../glassworks.config.ts", import.meta.url));
const shippedModelsDir = fileURLToPath(new URL("../../models", import.meta.url));

const port = z.coerce
	.number("must be a number")
	.int("must be a whole number")
	.min(0, "must be 0 to 65535")
	.max(65_535, "must be 0 to 65535");
const milliseconds = z.coerce.number("must be a number of milliseconds").int("must be a whole number of milliseconds");
const addressOf = (...schemes: string[]) =>
	z
		.string()
		.refine(
			(value) => URL.canParse(value) && schemes.includes(new URL(value).protocol),
			`must be an address that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
		);
/** An address that others are appended to: no query, no slash at the end. */
const baseAddress = addressOf("http:", "https:")
	.refine((value) => !URL.canParse(value) || (new URL(value).search === "" && new URL(value).hash === ""), "must have neither ? nor #")
	.transform((value) => value.replace(/\/+$/, ""));
const networks = z
	.string()
	.transform((value) =>
		value
			.split(",")
			.map((entry) => entry.trim())
			.filter((entry) => entry !== ""),
	)
	.pipe(z.array(z.union([z.cidrv4(), z.cidrv6()], "must be networks such as 192.168.1.0/24, separated by commas")));

/** Every environment variable that Glassworks reads. */
const environment = z.object({
	GLASSWORKS_DATA: z
		.string()
		.optional()
		.describe(
			"Folder of the embedded database, the pictures and the running server's address. Left out: ./.glassworks where that exists, else ~/.local/share/glassworks.",
		),
	GLASSWORKS_CONFIG: z
		.string()
		.optional()
		.describe("The operator's file with plans, prices, models and pools. Left out: the glassworks.config.ts of this installation."),
	GLASSWORKS_HOST: z.string().default("127.0.0.1").describe("Address to listen on; 0.0.0.0 for every network."),
	GLASSWORKS_PORT: port.default(7_860).describe("Port to listen on; 0 takes any free one."),
	GLASSWORKS_PUBLIC_URL: baseAddress
		.optional()
		.describe("Where clients reach this server, when a proxy stands before it. Left out: the address it listens on."),
	GLASSWORKS_PROXIES: z.coerce
		.number("must be a number of proxies")
		.int("must be a whole number")
		.min(0, "must be 0 to 10")
		.max(10, "must be 0 to 10")
		.optional()
		.describe(
			"How many proxies stand before this server, each of which adds whom it was asked by to X-Forwarded-For. Left out: 1 with GLASSWORKS_PUBLIC_URL, else 0.",
		),
	GLASSWORKS_OWNER_KEY: z
		.string()
		.regex(/^gw_[A-Za-z0-9_-]{20,}$/, "must be gw_ and at least 20 letters, digits, - or _")
		.optional()
		.describe("Presets the owner's key. Left out: a random one is made and shown at the first start. Secret."),
	GLASSWORKS_METRICS_TOKEN: z
		.string()
		.min(20, "must have at least 20 characters")
		.optional()
		.describe("Opens GET /metrics, and nothing else, as a bearer token. Left out: only an operator's key does. Secret."),
	GLASSWORKS_URL: baseAddress.optional().describe("Server that the command line talks to. Left out: the one running on this machine."),
	GLASSWORKS_KEY: z
		.string()
		.min(1)
		.optional()
		.describe("Key that the command line uses. Left out: the server of this machine takes it for its owner. Secret."),
	GLASSWORKS_WORKER_TOKEN: z.string().min(1).optional().describe("Token of `glassworks worker`, from `glassworks workers add`. Secret."),
	GLASSWORKS_ALLOW_PRIVATE_NETWORKS: networks
		.prefault("")
		.describe("Private networks that pictures may be fetched from, such as 192.168.1.0/24, separated by commas."),
	GLASSWORKS_LOG_LEVEL: z
		.enum(["error", "warn", "info", "debug", "silent"], "must be error, warn, info, debug or silent")
		.default("info")
		.describe("How much goes to the log on standard error: error, warn, info, debug or silent."),
	GLASSWORKS_LEASE_MS: milliseconds
		.min(1_000, "must be at least 1000")
		.default(30_000)
		.describe("How long a silent worker keeps a task, in milliseconds."),
	GLASSWORKS_HEARTBEAT_MS: milliseconds
		.min(100, "must be at least 100")
		.default(10_000)
		.describe("How often a worker says that it lives, in milliseconds; at most half the lease."),
	DATABASE_URL: addressOf("postgres:", "postgresql:").optional().describe("PostgreSQL to use instead of the embedded database. Secret."),
	REDIS_URL: addressOf("redis:", "rediss:")
		.optional()
		.describe("Redis, which carries progress, previews and wake-ups between servers and counts their rates of requests together. Secret."),
	...s3Variables,
	SMTP_URL: addressOf("smtp:", "smtps:").optional().describe("Mail server. Secret."),
});

/** Everything that a process is told from outside, checked once. Frozen. */
export interface Config {
	/** Absolute. May not exist yet. */
	readonly dataDir: string;
	/** Absolute. Networks that ship with the project. */
	readonly modelsDir: string;
	/** Absolute. Networks that `glassworks models pull` brought; may not exist yet. */
	readonly dataModelsDir: string;
	/** Absolute. A module that exports `glassworks`. */
	readonly operatorConfigFile: string;
	readonly host: string;
	/** 0: any free one. */
	readonly port: number;
	/** Without a slash at the end; null: the address it listens on. */
	readonly publicUrl: string | null;
	/** How many of the last addresses in X-Forwarded-For are believed. */
	readonly proxies: number;
	readonly ownerKey: string | null;
	readonly metricsToken: string | null;
	/** For the command line: the server it talks to. */
	readonly serverUrl: string | null;
	readonly serverKey: string | null;
	readonly workerToken: string | null;
	/** CIDR notation. */
	readonly allowedPrivateNetworks: readonly string[];
	readonly logLevel: "error" | "warn" | "info" | "debug" | "silent";
	readonly leaseMs: number;
	readonly heartbeatMs: number;
	/** Null: the embedded database. */
	readonly databaseUrl: string | null;
	readonly redisUrl: string | null;
	/** Null: pictures lie in the data folder. */
	readonly s3: Readonly<S3Config> | null;
	readonly smtpUrl: string | null;
}

/** One line per wrong variable: its name and what would be right, never its value. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly lines: readonly string[];

	constructor(lines: readonly string[]) {
		super(lines.join("\n"));
		this.lines = lines;
	}
}

/** Reads the environment. A variable that is set to nothing counts as not set. @throws {ConfigError} */
export function readConfig(variables: Record<string, string | undefined> = process.env): Config {
	const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ""));
	const parsed = environment.safeParse(given);
	if (!parsed.success)
		throw new ConfigError(parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`).filter(isFirst));
	const conflicts = findConflicts(parsed.data, given);
	if (conflicts.length > 0) throw new ConfigError(conflicts);
	return toConfig(parsed.data);
}

/** Every variable with its meaning and default, for `glassworks help env`. */
export function describeEnvironment(): { name: string; description: string; default: string | null }[] {
	return Object.entries(environment.shape).map(([name, schema]) => {
		const standard = schema.safeParse(undefined);
		const value = standard.success ? standard.data : undefined;
		return { name, description: schema.description ?? "", default: value === undefined || Array.isArray(value) ? null : String(value) };
	});
}

type Variables = z.infer<typeof environment>;

function isFirst(line: string, index: number, lines: string[]): boolean {
	const name = line.split(" ", 1)[0];
	return lines.findIndex((entry) => entry.split(" ", 1)[0] === name) === index;
}

function findConflicts(values: Variables, given: Record<string, unknown>): string[] {
	const lines: string[] = [];
	if (values.GLASSWORKS_HEARTBEAT_MS * 2 > values.GLASSWORKS_LEASE_MS)
		lines.push(`GLASSWORKS_HEARTBEAT_MS must be at most half of GLASSWORKS_LEASE_MS, ${values.GLASSWORKS_LEASE_MS / 2}`);
	lines.push(...findS3Conflicts(values, given));
	return lines;
}

function toConfig(values: Variables): Config {
	const dataDir = path.resolve(values.GLASSWORKS_DATA ?? standardDataDir());
	return Object.freeze({
		dataDir,
		modelsDir: shippedModelsDir,
		dataModelsDir: path.join(dataDir, "models"),
		operatorConfigFile: path.resolve(values.GLASSWORKS_CONFIG ?? shippedOperatorFile),
		host: values.GLASSWORKS_HOST,
		port: values.GLASSWORKS_PORT,
		publicUrl: values.GLASSWORKS_PUBLIC_URL ?? null,
		proxies: values.GLASSWORKS_PROXIES ?? (values.GLASSWORKS_PUBLIC_URL ? 1 : 0),
		ownerKey: values.GLASSWORKS_OWNER_KEY ?? null,
		metricsToken: values.GLASSWORKS_METRICS_TOKEN ?? null,
		serverUrl: values.GLASSWORKS_URL ?? null,
		serverKey: values.GLASSWORKS_KEY ?? null,
		workerToken: values.GLASSWORKS_WORKER_TOKEN ?? null,
		allowedPrivateNetworks: Object.freeze(values.GLASSWORKS_ALLOW_PRIVATE_NETWORKS),
		logLevel: values.GLASSWORKS_LOG_LEVEL,
		leaseMs: values.GLASSWORKS_LEASE_MS,
		heartbeatMs: values.GLASSWORKS_HEARTBEAT_MS,
		databaseUrl: values.DATABASE_URL ?? null,
		redisUrl: values.REDIS_URL ?? null,
		s3: toS3(values),
		smtpUrl: values.SMTP_URL ?? null,
	});
}

/** A folder that someone made beside their project is theirs; otherwise one per person, wherever the command is run. */
function standardDataDir(): string {
	const here = path.resolve(".glassworks");
	return fs.existsSync(here) ? here : path.join(os.homedir(), ".local", "share", "glassworks");
}
