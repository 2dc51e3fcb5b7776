import net from "node:net";
import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/domain/json.ts";
import type { Bus, Log } from "../../src/domain/ports.ts";
import { createMemoryBus } from "../../src/store/bus/memoryBus.ts";
import { createPostgresBus } from "../../src/store/bus/postgresBus.ts";
import { createRedisBus } from "../../src/store/bus/redisBus.ts";

const redisUrl = process.env.TEST_REDIS_URL ?? "";
const databaseUrl = process.env.TEST_DATABASE_URL ?? "";

const logged: string[] = [];
const note = (data: object, message: string) => void logged.push(`${message} ${JSON.stringify(data)}`);
const log: Log = { info: note, warn: note, error: note };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
	await Promise.all(opened.splice(0).map((each) => each.close()));
	logged.length = 0;
});

function keep<T extends { close(): Promise<unknown> }>(resource: T): T {
	opened.push(resource);
	return resource;
}

/** A topic of its own for each test, because the servers are shared. */
const newTopic = () => `test.${crypto.randomUUID()}`;

function hear(bus: Bus, topic: string): Json[] {
	const heard: Json[] = [];
	bus.subscribe(topic, (message) => void heard.push(message));
	return heard;
}

const implementations = [
	{ name: "memory", present: true, shared: false, open: async () => createMemoryBus(log) },
	{ name: "redis", present: redisUrl !== "", shared: true, open: () => createRedisBus(redisUrl, log) },
	{
		name: "postgres",
		present: databaseUrl !== "",
		shared: true,
		open: () => createPostgresBus({ connectionString: databaseUrl }, log),
	},
];

for (const { name, present, shared, open } of implementations) {
	describe.skipIf(!present)(`the ${name} bus`, () => {
		test("brings each message once, in order, to everyone who listens to its topic and to nobody else", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			const heard = [hear(bus, topic), hear(bus, topic)];
			const elsewhere = hear(bus, newTopic());
			const messages: Json[] = [1, 1, 1, "é \u0000 \ud83d\ude00 '\"\\", null, { nested: [true, { x: 0.1 }] }, "last"];
			for (const message of messages) bus.publish(topic, message);
			await settle(bus);
			expect(heard).toEqual([messages, messages]);
			expect(elsewhere).toEqual([]);
		});

		test("calls listeners after publish has returned", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			const heard = hear(bus, topic);
			bus.publish(topic, "later");
			expect(heard).toEqual([]);
			await vi.waitFor(() => expect(heard).toEqual(["later"]));
		});

		test("goes on when a listener throws or rejects, and says so in the log", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			bus.subscribe(topic, () => {
				throw new Error("listener one");
			});
			bus.subscribe(topic, async () => {
				throw new Error("listener two");
			});
			const heard = hear(bus, topic);
			bus.publish(topic, "a");
			bus.publish(topic, "b");
			await vi.waitFor(() => expect(heard).toEqual(["a", "b"]));
			await vi.waitFor(() => expect(logged.join("\n")).toMatch(/listener one[\s\S]*listener two/));
		});

		test("brings nothing to a listener that has ended its subscription, and others keep theirs", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			const ended: Json[] = [];
			const onMessage = (message: Json) => void ended.push(message);
			const stop = bus.subscribe(topic, onMessage);
			const heard = hear(bus, topic);
			bus.publish(topic, "not yet delivered");
			stop();
			stop();
			bus.publish(topic, "after");
			await settle(bus);
			expect(ended).toEqual([]);
			expect(heard).toEqual(["not yet delivered", "after"]);
		});

		test("gives each listener the message as it was when published", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			bus.subscribe(topic, (message) => {
				if (message !== null && typeof message === "object" && !Array.isArray(message)) message.changed = true;
			});
			const heard = hear(bus, topic);
			const message: Json = { step: 1 };
			bus.publish(topic, message);
			message.step = 2;
			await vi.waitFor(() => expect(heard).toEqual([{ step: 1 }]));
		});

		test("brings large messages to its own process", async () => {
			const bus = keep(await open());
			const topic = newTopic();
			const heard = hear(bus, topic);
			bus.publish(topic, "x".repeat(200_000));
			await vi.waitFor(() => expect(heard).toEqual(["x".repeat(200_000)]));
		});

		test("is silent after close, which can be called twice", async () => {
			const bus = await open();
			const topic = newTopic();
			const heard = hear(bus, topic);
			await bus.close();
			await bus.close();
			bus.publish(topic, "late");
			bus.subscribe(topic, () => {})();
			await new Promise((resolve) => setTimeout(resolve, 30));
			expect(heard).toEqual([]);
		});

		test.skipIf(!shared)("brings each message once to other processes too, in order, also the last before close", async () => {
			const here = await open();
			const there = keep(await open());
			const topic = newTopic();
			const heardHere = hear(here, topic);
			const heardThere = hear(there, topic);
			await reach(here, there);
			const messages = Array.from({ length: 300 }, (_, index) => index % 7);
			for (const message of messages) here.publish(topic, message);
			await new Promise((resolve) => setTimeout(resolve));
			expect(heardHere).toEqual(messages);
			await here.close();
			await vi.waitFor(() => expect(heardThere.length).toBeGreaterThanOrEqual(messages.length));
			await settle(there);
			expect(heardThere).toEqual(messages);
		});
	});
}

describe.skipIf(databaseUrl === "")("the postgres bus", () => {
	test("survives what others send on its channel and what is too large for it", async () => {
		const here = keep(await createPostgresBus({ connectionString: databaseUrl }, log));
		const there = keep(await createPostgresBus({ connectionString: databaseUrl }, log));
		const topic = newTopic();
		const heard = hear(there, topic);
		const stranger = new pg.Client({ connectionString: databaseUrl });
		await stranger.connect();
		for (const payload of ["", "{", "[1,2]", '["a",1,"b","not json"]'])
			await stranger.query("select pg_notify('glassworks', $1)", [payload]);
		await stranger.end();
		here.publish(topic, "é".repeat(4_000));
		here.publish(topic, "small");
		await vi.waitFor(() => expect(heard).toEqual(["small"]));
	});

	test("comes back by itself after the database cut its connection", async () => {
		const here = keep(await createPostgresBus({ connectionString: databaseUrl }, log));
		const address = new URL(databaseUrl);
		const proxy = keep(await openProxy(Number(address.port || 5432), address.hostname));
		address.host = `127.0.0.1:${proxy.port}`;
		const there = keep(await createPostgresBus({ connectionString: address.href }, log));
		await expectRecovery(here, there, proxy);
	});
});

describe.skipIf(redisUrl === "")("the redis bus", () => {
	test("comes back by itself after Redis cut its connections", async () => {
		const here = keep(await createRedisBus(redisUrl, log));
		const address = new URL(redisUrl);
		const proxy = keep(await openProxy(Number(address.port || 6379), address.hostname));
		address.host = `127.0.0.1:${proxy.port}`;
		const there = keep(await createRedisBus(address.href, log));
		await expectRecovery(here, there, proxy);
	});

	test("ignores what others send on its channels", async () => {
		const bus = keep(await createRedisBus(redisUrl, log));
		const topic = newTopic();
		const heard = hear(bus, topic);
		const { Redis } = await import("ioredis");
		const stranger = new Redis(redisUrl);
		for (const payload of ["", "{", "[1]", '["a","not json"]', '["a","7"]'])
			await vi.waitFor(async () => expect(await stranger.publish(`glassworks:${topic}`, payload)).toBe(1));
		stranger.disconnect();
		await vi.waitFor(() => expect(heard).toEqual([7]));
	});
});

const closedPort = 1;
for (const [name, open] of [
	["redis", () => createRedisBus(`redis://:secret-word@127.0.0.1:${closedPort}`, log)],
	["postgres", () => createPostgresBus({ connectionString: `postgres://u:secret-word@127.0.0.1:${closedPort}/d` }, log)],
] as const)
	test(`a ${name} that is away at the start is logged without its password, and listeners of the process hear each other`, async () => {
		const bus = await open();
		const topic = newTopic();
		const heard = hear(bus, topic);
		bus.publish(topic, "still here");
		await vi.waitFor(() => expect(heard).toEqual(["still here"]));
		await bus.close();
		expect(logged.join("\n")).toContain("may be late");
		expect(logged.join("\n")).not.toContain("secret-word");
	});

/** Returns once everything published before on this bus, also through a server, must have arrived. */
async function settle(bus: Bus): Promise<void> {
	const topic = newTopic();
	const heard = hear(bus, topic);
	bus.publish(topic, "settled");
	await vi.waitFor(() => expect(heard).toEqual(["settled"]));
	// An echo of the process' own messages would come by the server: give it the time of a few batches to show up.
	await new Promise((resolve) => setTimeout(resolve, 60));
}

/** Returns once messages of one bus reach the other. */
async function reach(from: Bus, to: Bus): Promise<void> {
	const topic = newTopic();
	const heard = hear(to, topic);
	await vi.waitFor(
		() => {
			from.publish(topic, "are you there");
			expect(heard.length).toBeGreaterThan(0);
		},
		{ timeout: 15_000, interval: 50 },
	);
}

async function expectRecovery(here: Bus, there: Bus, proxy: Awaited<ReturnType<typeof openProxy>>): Promise<void> {
	const topic = newTopic();
	const heard = hear(there, topic);
	await reach(here, there);
	await proxy.cut();
	there.publish(topic, "while away");
	await vi.waitFor(() => expect(heard).toEqual(["while away"]));
	await proxy.mend();
	await reach(here, there);
	await reach(there, here);
	here.publish(topic, "back");
	await vi.waitFor(() => expect(heard).toEqual(["while away", "back"]));
}

/** A way to a server that can be cut and mended. */
async function openProxy(port: number, host: string) {
	const sockets = new Set<net.Socket>();
	const server = net.createServer((near) => {
		const far = net.connect(port, host);
		for (const [socket, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(socket);
			socket.on("error", () => {});
			socket.on("close", () => {
				sockets.delete(socket);
				other.destroy();
			});
			socket.pipe(other);
		}
	});
	const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
	const cut = async () => {
		const stopped = new Promise((resolve) => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await stopped;
	};
	await listen(0);
	const address = server.address();
	const ownPort = typeof address === "object" && address ? address.port : 0;
	return { port: ownPort, cut, mend: () => listen(ownPort), close: cut };
}
