import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, describeEnvironment, readConfig } from "./config.ts";

function linesOf(variables: Record<string, string>): readonly string[] {
	try {
		readConfig(variables);
	} catch (error) {
		if (error instanceof ConfigError) return error.lines;
		throw error;
	}
	return [];
}

describe("configuration", () => {
	test("an empty environment serves on this machine only, with the embedded database", () => {
		expect(readConfig({})).toMatchObject({
			host: "127.0.0.1",
			port: 7_860,
			databaseUrl: null,
			s3: null,
			leaseMs: 30_000,
			heartbeatMs: 10_000,
		});
	});

	test("every wrong variable gets one line that names it and what would be right", () => {
		const lines = linesOf({ GLASSWORKS_PORT: "99999", GLASSWORKS_LEASE_MS: "soon", GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "10.0.0.0/8,home" });
		expect(lines).toHaveLength(3);
		expect(lines.map((line) => line.split(" ")[0]).sort()).toEqual([
			"GLASSWORKS_ALLOW_PRIVATE_NETWORKS",
			"GLASSWORKS_LEASE_MS",
			"GLASSWORKS_PORT",
		]);
	});

	test("no message repeats a secret", () => {
		const secrets = {
			GLASSWORKS_OWNER_KEY: "hunter2!!",
			DATABASE_URL: "mysql://root:hunter2@db/x",
			REDIS_URL: "hunter2",
			SMTP_URL: "http://u:hunter2@mail",
			S3_SECRET_ACCESS_KEY: "hunter2",
			GLASSWORKS_URL: "hunter2",
		};
		const text = linesOf(secrets).join("\n");
		expect(text).toContain("GLASSWORKS_OWNER_KEY");
		expect(text).not.toContain("hunter2");
	});

	test("a variable that is set to nothing counts as not set", () => {
		expect(readConfig({ GLASSWORKS_PORT: "", DATABASE_URL: "  ", S3_BUCKET: "" })).toMatchObject({
			port: 7_860,
			databaseUrl: null,
			s3: null,
		});
	});

	test("port 0 is kept: any free port", () => {
		expect(readConfig({ GLASSWORKS_PORT: "0" }).port).toBe(0);
	});

	test("a heartbeat that could miss the lease is refused", () => {
		expect(linesOf({ GLASSWORKS_LEASE_MS: "10000", GLASSWORKS_HEARTBEAT_MS: "6000" })).toEqual([
			"GLASSWORKS_HEARTBEAT_MS must be at most half of GLASSWORKS_LEASE_MS, 5000",
		]);
	});

	test("half an S3 configuration is refused instead of writing pictures to the disk", () => {
		expect(linesOf({ S3_ENDPOINT: "https://s3.example.com" })).toEqual(["S3_BUCKET must be set too, because S3_ENDPOINT is"]);
		expect(linesOf({ S3_BUCKET: "pictures", S3_ACCESS_KEY_ID: "a" })).toEqual([
			"S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together",
		]);
	});

	test("addresses lose the slash at their end, so that paths can be appended", () => {
		expect(readConfig({ GLASSWORKS_PUBLIC_URL: "https://images.example.com/glass/" }).publicUrl).toBe("https://images.example.com/glass");
	});

	test("nothing can change it afterwards", () => {
		const config = readConfig({ S3_BUCKET: "pictures", GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "10.0.0.0/8, fd00::/8" });
		expect(config.allowedPrivateNetworks).toEqual(["10.0.0.0/8", "fd00::/8"]);
		expect([config, config.s3, config.allowedPrivateNetworks].every(Object.isFrozen)).toBe(true);
	});

	test("a .glassworks folder where the command runs is used; without one the data lies in the home folder", () => {
		const before = process.cwd();
		const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-config-")));
		try {
			process.chdir(folder);
			expect(readConfig({}).dataDir).toBe(path.join(os.homedir(), ".local", "share", "glassworks"));
			fs.mkdirSync(".glassworks");
			expect(readConfig({}).dataDir).toBe(path.join(folder, ".glassworks"));
		} finally {
			process.chdir(before);
			fs.rmSync(folder, { recursive: true });
		}
	});

	test("every variable is explained", () => {
		for (const { name, description } of describeEnvironment()) expect(description, name).not.toBe("");
	});
});
