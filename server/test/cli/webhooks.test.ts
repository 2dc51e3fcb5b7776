import { expect, test, vi } from "vitest";
import { startReceiver, verify } from "../webhooks/receiver.ts";
import { openCliSuite } from "./spawnCli.ts";

vi.setConfig({ testTimeout: 300_000 });

const { run } = openCliSuite("webhooks", { GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" });

test("a webhook is added, tested, read about, sent again, turned off and removed", async () => {
	let status = 500;
	const receiver = await startReceiver(() => ({ status, body: "so it is" }));
	const added = await run("add", receiver.url, "--event", "job.*", "--event", "quota.exhausted", "--description", "till");
	expect(added.out).toMatch(/^whsec_\S+$/);
	const listed = await run("list", "--json");
	const [webhook] = JSON.parse(listed.out) as { id: string; events: string[]; description: string }[];
	const id = webhook?.id ?? "";
	expect(webhook).toMatchObject({ events: ["job.*", "quota.exhausted"], description: "till", url: receiver.url });
	expect(listed.out).not.toContain("whsec_");

	const failed = await run("test", id);
	expect([failed.code, failed.out]).toEqual([1, expect.stringMatching(/^500 in \d+ ms: so it is$/)]);
	expect(failed.err).toContain("only 2xx counts as received");
	status = 200;
	const sent = JSON.parse((await run("deliveries", id, "--json")).out) as { id: string; status: string }[];
	expect(sent.map(({ status: state }) => state)).toEqual(["failed"]);
	const again = await run("redeliver", sent[0]?.id ?? "");
	expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^200 in \d+ ms: so it is$/)]);
	for (const message of receiver.messages) verify(message, added.out);
	expect((await run("secret", id)).out).toBe(added.out);

	expect((await run("change", id, "--disable")).out).toContain("disabled");
	expect((await run("test", id)).err).toContain("disabled");
	expect((await run("change", id, "--enable", "--event", "*")).out).toContain("works, told *");
	expect((await run("list")).out).toContain(receiver.url);
	expect((await run("remove", id)).out).toBe(`Removed ${id}.`);
	expect(JSON.parse((await run("list", "--json")).out)).toEqual([]);
});

test("an event that does not exist is named", async () => {
	const { code, err } = await run("add", "http://127.0.0.1:9999/", "--event", "job.exploded");
	expect(code).not.toBe(0);
	expect(err).toContain("events");
});
