import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { eventTypes } from "../../src/domain/webhooks/eventTypes.ts";
import { until } from "../support/until.ts";

const root = path.join(import.meta.dirname, "../../..");
const page = await readFile(path.join(root, "docs/webhooks.md"), "utf8");
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** The code behind `<!-- test: name -->`. */
const codeOf = (name: string): string =>
	page.split(`<!-- test: ${name} -->\n`)[1]?.split("\n```")[0]?.split("\n").slice(1).join("\n") ?? "";

test.each([
	["receiver.ts", process.execPath],
	["receiver.py", "python3"],
])("the page's %s takes signed messages, once each, and refuses others", { timeout: 120_000 }, async (name, command) => {
	const folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-receiver-"));
	await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
	await writeFile(path.join(folder, "package.json"), '{"type":"module"}');
	await writeFile(path.join(folder, name), codeOf(name));
	const { PATH = "", HOME = "" } = process.env;
	const child = spawn(command, [name], { cwd: folder, env: { PATH, HOME, WEBHOOK_SECRET: secret, PORT: "0" } });
	let said = "";
	for (const stream of [child.stdout, child.stderr])
		stream.on("data", (chunk) => {
			said += chunk;
		});
	onTestFinished(async () => {
		child.kill("SIGKILL");
		await rm(folder, { recursive: true, force: true });
	});
	const port = await until(() => {
		if (child.exitCode !== null) throw new Error(said);
		return /listening .*?(\d{4,5})/s.exec(said)?.[1];
	});
	const send = async (id: string, signedBy: string) => {
		const body = JSON.stringify({ type: "job.succeeded", timestamp: new Date().toISOString(), data: { id: `job of ${id}` } });
		const now = new Date();
		const headers = {
			"webhook-id": id,
			"webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
			"webhook-signature": `${new Webhook("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").sign(id, now, body)} ${new Webhook(signedBy).sign(id, now, body)}`,
		};
		return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })).status;
	};
	expect(await send("evt_1", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")).toBe(400);
	expect([await send("evt_1", secret), await send("evt_1", secret), await send("evt_2", secret)]).toEqual([204, 204, 204]);
	await until(() => said.includes("evt_2"));
	expect(said.split("\n").filter((line) => line.startsWith("job.succeeded"))).toEqual([
		"job.succeeded job of evt_1",
		"job.succeeded job of evt_2",
	]);
});

test("the page names every event type, alone or by its group", () => {
	for (const type of Object.keys(eventTypes))
		expect(page.includes(`\`${type}\``) || page.includes(`\`${type.split(".")[0]}.*\` |`), type).toBe(true);
});
