import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { DeliveryStatus, WebhookDelivery } from "../../src/domain/webhooks/webhookStore.ts";
import { createWebhookSender } from "../../src/fetching/webhookSender.ts";
import { newId } from "../../src/newId.ts";
import { type Query, sql } from "../../src/store/sql.ts";
import type { DeliverPorts } from "../../src/webhooks/deliver.ts";
import { delivererDefaults, startDeliverer } from "../../src/webhooks/deliverer.ts";
import { newWebhookSecret } from "../../src/webhooks/signMessage.ts";
import { tellManagers } from "../../src/webhooks/tellManagers.ts";
import { startDnsServer } from "../fetching/dnsServer.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { until } from "../support/until.ts";
import { startReceiver, verify } from "./receiver.ts";

vi.setConfig({ testTimeout: 180_000 });

const log = { info() {}, warn() {}, error() {} };
const local = createWebhookSender({ allowPrivateCidrs: ["127.0.0.0/8"] });

// PostgreSQL is there when TEST_DATABASE_URL is.
describe.each(storeKinds.filter(({ present }) => present))("deliveries on $name", ({ open }) => {
	let stores: TestStores;
	beforeAll(async () => {
		stores = await open([]);
	}, 300_000);
	afterAll(() => stores.close());

	const portsOf = (sender: DeliverPorts["sender"] = local): DeliverPorts => ({
		outbox: stores.outbox,
		webhooks: stores.webhooks,
		sender,
		present: async (_tenant, { data }) => data,
		presentOther: async () => null,
		random: () => 0,
		onAttempt() {},
		log,
	});
	/** Ends with the test. */
	const deliverWith = (sender?: DeliverPorts["sender"], options = {}): (() => Promise<void>) => {
		const stop = startDeliverer(portsOf(sender), { ...delivererDefaults, everyMs: 20, graceMs: 50, ...options });
		onTestFinished(stop);
		return stop;
	};
	const newTenant = async () => {
		const id = newId("ten");
		await stores.accounts.createTenant({ id, name: id, plan: "pro", postpaid: false });
		return id;
	};
	const addEndpoint = async (tenantId: string, url: string) => {
		const secret = newWebhookSecret();
		const made = { id: newId("whk"), tenantId, url, description: "", types: ["*"], enabled: true, secret, idempotencyKey: null };
		return { ...(await stores.webhooks.create(made)), secret };
	};
	const emit = async (tenantId: string, data: object = {}) => {
		await stores.database.query(sql`select emit_event(${tenantId}, 'batch.completed', 'bat_1', ${JSON.stringify(data)}::jsonb)`);
	};
	const run = async (query: Query) => void (await stores.database.query(query));
	const all = async (tenantId: string) => (await stores.webhooks.deliveries(tenantId, {}, { limit: 100, before: null })).deliveries;
	const settled = (tenantId: string, count: number, status: DeliveryStatus) =>
		until(async () => {
			const found = (await all(tenantId)).filter((delivery) => delivery.status === status);
			return found.length >= count ? found : null;
		});
	const attempted = (tenantId: string, attempts: number): Promise<WebhookDelivery> =>
		until(async () => {
			const found = (await all(tenantId)).find((delivery) => delivery.attempts.length >= attempts);
			// Read again: the next pause is written together with the attempt.
			return found && stores.webhooks.delivery(tenantId, found.id);
		});

	test("a hanging endpoint holds up neither fifty messages to another nor another tenant's", async () => {
		const [tenantId, other] = [await newTenant(), await newTenant()];
		const hanging = await startReceiver(() => new Promise(() => {}));
		const quick = await startReceiver();
		await addEndpoint(tenantId, hanging.url);
		const { secret, id } = await addEndpoint(tenantId, quick.url);
		await addEndpoint(other, quick.url);
		for (let count = 0; count < 50; count++) await emit(tenantId, { count });
		await emit(other);
		const stop = deliverWith();
		await settled(other, 1, "delivered");
		const received = await until(() => (quick.messages.length >= 51 ? quick.messages : null));
		for (const message of received.filter(({ data }) => "count" in data)) verify(message, secret);
		expect(hanging.messages).toHaveLength(delivererDefaults.perDestination);
		const { deliveries } = await stores.webhooks.deliveries(tenantId, { endpointId: id }, { limit: 100, before: null });
		expect(new Set(received.map(({ id: message }) => message)).size).toBe(51);
		expect(deliveries).toHaveLength(50);
		// Told to stop, it waits for nobody: what hangs is given back to be sent by another process.
		await stop();
		const given = (await all(tenantId)).filter(({ attempts, status }) => status === "pending" && attempts.length === 0);
		expect(given.length).toBeGreaterThan(0);
	});

	test("several processes share the work, and send each message once", async () => {
		const tenantId = await newTenant();
		const receiver = await startReceiver();
		await addEndpoint(tenantId, receiver.url);
		for (let count = 0; count < 60; count++) await emit(tenantId, { count });
		for (let process = 0; process < 3; process++) deliverWith();
		await settled(tenantId, 60, "delivered");
		expect(receiver.messages).toHaveLength(60);
		expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(60);
	});

	test("what a killed process was sending is sent again when its lease ends; what it still reports then is refused", async () => {
		const tenantId = await newTenant();
		const receiver = await startReceiver();
		const { id } = await addEndpoint(tenantId, receiver.url);
		await emit(tenantId);
		const claim = { limit: 10, perDestination: 4, perTenant: 10, busyDestinations: {}, busyTenants: {}, leaseMs: 300 };
		const [lost] = await until(async () => {
			const found = (await stores.outbox.claim(claim)).filter((delivery) => delivery.tenantId === tenantId);
			return found.length > 0 ? found : null;
		});
		if (!lost) throw new Error("nothing was claimed");
		deliverWith();
		await settled(tenantId, 1, "delivered");
		const attempt = { url: receiver.url, startedAt: new Date(), durationMs: 1, status: 500, note: "late", answer: null };
		await stores.outbox.record(lost, attempt, { kind: "failed", retryInMs: 0 });
		await stores.outbox.drop(lost);
		await stores.outbox.giveBack(lost);
		const [delivery] = await all(tenantId);
		expect(delivery).toMatchObject({ status: "delivered", endpointId: id });
		expect(delivery?.attempts.map(({ number, status }) => [number, status])).toEqual([
			[1, 500],
			[2, 204],
		]);
	});

	test("a receiver that asks for time is given it, and no more than a day", async () => {
		const asked = [["120"], [new Date(Date.now() + 3_600_000).toUTCString()], ["99999999"], ["soon"]] as const;
		const waits: number[] = [];
		for (const [retryAfter] of asked) {
			const tenantId = await newTenant();
			const receiver = await startReceiver(() => ({ status: 429, headers: { "retry-after": retryAfter } }));
			await addEndpoint(tenantId, receiver.url);
			await emit(tenantId);
			const stop = deliverWith();
			const { dueAt, attempts } = await attempted(tenantId, 1);
			await stop();
			waits.push((dueAt.getTime() - (attempts[0]?.startedAt.getTime() ?? 0)) / 1_000);
		}
		const [seconds = 0, date = 0, day = 0, unread = 0] = waits;
		for (const [wait, least] of [
			[seconds, 120],
			[date, 3_590],
			[day, 86_400],
			[unread, 5],
		] as const) {
			expect(wait).toBeGreaterThanOrEqual(least - 1);
			expect(wait).toBeLessThan(least + 120);
		}
	});

	test("after ten failures a message is given up; each came later than the one before", async () => {
		const tenantId = await newTenant();
		const receiver = await startReceiver((_message, nth) => ({ status: [409, 429, 500, 404, 301][nth % 5] ?? 500 }));
		await addEndpoint(tenantId, receiver.url);
		await emit(tenantId);
		deliverWith();
		const pauses: number[] = [];
		for (let attempt = 1; attempt < 10; attempt++) {
			const { dueAt, attempts, status } = await attempted(tenantId, attempt);
			expect(status).toBe("pending");
			pauses.push(dueAt.getTime() - (attempts.at(-1)?.startedAt.getTime() ?? 0));
			await run(sql`update webhook_deliveries set due_at = clock_timestamp() where tenant_id = ${tenantId}`);
		}
		const [failed] = await settled(tenantId, 1, "failed");
		expect(failed?.attempts).toHaveLength(10);
		expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
		expect(Math.round((pauses[8] ?? 0) / 3_600_000)).toBe(24);
		expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(1);
	});

	test("a name that leads to this machine once it was checked is not connected to", async () => {
		const inside = await startReceiver();
		const { port } = new URL(inside.url);
		const dns = await startDnsServer((_name, type, turn) => (type === 1 ? [[127, 0, 0, turn === 0 ? 2 : 1]] : []));
		onTestFinished(() => dns.close());
		const sender = createWebhookSender({ allowPrivateCidrs: ["127.0.0.2/32"], dnsServers: [dns.address] });
		const url = `http://rebind.example:${port}/`;
		await sender.check(url);
		const tenantId = await newTenant();
		await addEndpoint(tenantId, url);
		await emit(tenantId);
		deliverWith(sender);
		const { attempts } = await attempted(tenantId, 1);
		expect(attempts[0]).toMatchObject({ status: null, answer: null });
		expect(attempts[0]?.note).toBe("The address is not one this server may fetch: it leads to a private or reserved network.");
		expect(inside.messages).toEqual([]);
		await expect(sender.check(url)).rejects.toMatchObject({ code: "url_blocked" });
	});

	test("an endpoint that did nothing but fail for five days is disabled, and its managers are told by mail, once", async () => {
		const tenantId = await newTenant();
		let isUp = false;
		const receiver = await startReceiver(() => ({ status: isUp ? 200 : 503 }));
		const { id } = await addEndpoint(tenantId, `${receiver.url}secret-path`);
		await emit(tenantId);
		const stop = deliverWith();
		await attempted(tenantId, 1);
		expect((await stores.webhooks.get(tenantId, id)).failingSince).not.toBeNull();
		await emit(tenantId);
		await until(async () => (await all(tenantId)).every(({ attempts }) => attempts.length > 0));
		expect((await stores.webhooks.get(tenantId, id)).enabled).toBe(true);
		await run(sql`update webhook_endpoints set failing_since = clock_timestamp() - interval '121 hours' where id = ${id}`);
		await emit(tenantId);
		await until(async () => !(await stores.webhooks.get(tenantId, id)).enabled);
		expect(await stores.webhooks.get(tenantId, id)).toMatchObject({ disabledBy: "failing" });
		expect((await all(tenantId)).map(({ status }) => status)).toEqual(["dropped", "dropped", "dropped"]);
		await emit(tenantId);
		expect(await all(tenantId)).toHaveLength(3);

		for (const [role, verified] of [
			["owner", true],
			["admin", true],
			["admin", false],
			["member", true],
		] as const) {
			const person = newId("usr");
			await run(
				sql`insert into people (id, name, email, email_verified) values (${person}, 'x', ${`${person}.${role}@example.com`}, ${verified})`,
			);
			await run(sql`insert into members (tenant_id, user_id, role) values (${tenantId}, ${person}, ${role})`);
		}
		const mails: { id: string; to: string; text: string }[] = [];
		let isBroken = true;
		const mailer = {
			async send(mail: { id: string; to: string; text: string }) {
				if (isBroken) throw new Error("no mail server");
				mails.push(mail);
			},
		};
		await expect(tellManagers({ outbox: stores.outbox, mailer, log })).rejects.toThrow();
		isBroken = false;
		await tellManagers({ outbox: stores.outbox, mailer, log });
		expect(mails).toEqual([]);
		await run(sql`update webhook_endpoints set tell_after = clock_timestamp() where id = ${id}`);
		await tellManagers({ outbox: stores.outbox, mailer, log });
		await tellManagers({ outbox: stores.outbox, mailer, log });
		expect(mails.map(({ to }) => to.split(".").at(-2)?.split("@")[0]).sort()).toEqual(["admin", "owner"]);
		expect(mails[0]?.text).toContain("every attempt to reach it has failed");
		expect(mails[0]?.text).not.toContain("secret-path");

		isUp = true;
		await stores.webhooks.change(tenantId, id, { enabled: true });
		await emit(tenantId);
		await settled(tenantId, 1, "delivered");
		expect(await stores.webhooks.get(tenantId, id)).toMatchObject({ enabled: true, disabledBy: null, failingSince: null });
		await stop();
	});

	test("what a disabled endpoint was about to be sent is dropped, also when it was written at the same moment", async () => {
		const tenantId = await newTenant();
		const receiver = await startReceiver();
		const { id } = await addEndpoint(tenantId, receiver.url);
		await emit(tenantId);
		await run(sql`update webhook_endpoints set enabled = false where id = ${id}`);
		deliverWith();
		await settled(tenantId, 1, "dropped");
		expect(receiver.messages).toEqual([]);
	});

	test("what ended a month ago is forgotten, what waits is not", async () => {
		const tenantId = await newTenant();
		const receiver = await startReceiver();
		await addEndpoint(tenantId, receiver.url);
		await emit(tenantId);
		const stop = deliverWith();
		await settled(tenantId, 1, "delivered");
		await stop();
		await emit(tenantId);
		await stores.outbox.purge(30 * 24 * 3_600_000);
		expect(await all(tenantId)).toHaveLength(2);
		await run(sql`update webhook_events set created_at = clock_timestamp() - interval '31 days' where tenant_id = ${tenantId}`);
		await stores.outbox.purge(30 * 24 * 3_600_000);
		expect(await all(tenantId)).toHaveLength(2);
		await run(
			sql`update webhook_deliveries set ended_at = clock_timestamp() - interval '31 days' where tenant_id = ${tenantId} and status = 'delivered'`,
		);
		await stores.outbox.purge(30 * 24 * 3_600_000);
		expect((await all(tenantId)).map(({ status }) => status)).toEqual(["pending"]);
	});

	test("a receiver that answers 200 and goes on for ever, or compressed, or with bytes that are no text has received it", async () => {
		const tenantId = await newTenant();
		const bodies = [{ body: "a".repeat(100_000) }, { body: "x", headers: { "content-encoding": "gzip" } }, { body: "a\0b" }];
		const receiver = await startReceiver((_message, nth) => ({ status: 200, ...bodies[nth - 1] }));
		await addEndpoint(tenantId, receiver.url);
		for (let count = 0; count < 3; count++) await emit(tenantId);
		deliverWith();
		const delivered = await settled(tenantId, 3, "delivered");
		expect(delivered.map(({ attempts }) => attempts[0]?.answer?.length).sort()).toEqual([0, 1_000, 3]);
	});
});
