import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { newId } from "../../src/newId.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { type Database, sql } from "../../src/store/sql.ts";
import { type Call, caller, download, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

const small = { prompt: "a very private prompt", steps: 1, width: 64, height: 64, upscale: false, restore_faces: false };
const log = { info() {}, warn() {}, error() {} };

interface Received {
	to: string;
	text: string;
	messageId: string;
}

describe.skipIf(adminUrl === "")("results by mail", () => {
	const received: Received[] = [];
	/** Answers of the mail server to the next mails; then it takes them. */
	let refusals: number[] = [];
	let smtp: SMTPServer;
	let server: Awaited<ReturnType<typeof createDatabase>>;
	let database: Database;
	let folder = "";
	let running: TestApp;
	let tenant: { tenantId: string; key: string };
	let call: Call;

	beforeAll(async () => {
		smtp = new SMTPServer({
			...{ authOptional: true, disabledCommands: ["STARTTLS"] },
			onData(stream, session, done) {
				const chunks: Buffer[] = [];
				stream.on("data", (chunk: Buffer) => chunks.push(chunk));
				stream.on("end", () => {
					const text = Buffer.concat(chunks).toString("latin1");
					const messageId = text.match(/^Message-ID: (.*)\r$/im)?.[1] ?? "";
					received.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text, messageId });
					const responseCode = refusals.shift();
					done(responseCode === undefined ? null : Object.assign(new Error("not now, said somebody@internal"), { responseCode }));
				});
			},
		});
		await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
		server = await createDatabase();
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-mail-"));
		const operator = { ...glassworks, mail: { from: "Glassworks <art@example.com>", recipients: ["@studio.example"] } };
		const file = path.join(folder, "operator.mjs");
		await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
		const smtpUrl = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
		running = await startTestApp({ DATABASE_URL: server.url, GLASSWORKS_CONFIG: file, SMTP_URL: smtpUrl });
		database = await openDatabase({ databaseUrl: server.url, dataDir: "", log });
		// Its plan has no rate.
		tenant = await running.createTenant("enterprise", { creditMicroUsd: 1_000_000 });
		call = caller(running.url, tenant.key);
	}, 180_000);
	beforeEach(() => {
		received.length = 0;
		refusals = [];
	});
	afterAll(async () => {
		await running?.close();
		await database?.close();
		await server?.drop();
		await new Promise<void>((resolve) => smtp.close(() => resolve()));
		await rm(folder, { recursive: true, force: true });
	});

	const ask = async (body: object) => (await call("POST", "/api/v1/generations", { body: { ...small, ...body } })).body;
	const stateOf = async (jobId: string) =>
		(
			await database.query<{ outcome: string | null; claims: number; address: string }>(
				sql`select outcome, claims, address from result_mails where subject_id = ${jobId}`,
			)
		)[0];
	async function over(jobId: string): Promise<string | null | undefined> {
		for (;;) {
			const state = await stateOf(jobId);
			if (!state || state.outcome) return state?.outcome;
			await sleep(100);
		}
	}
	/** As people and members are kept; helps itself past signing up. */
	async function newMember(tenantId: string, email: string, isConfirmed: boolean): Promise<void> {
		const id = newId("usr");
		await database.query(sql`insert into people (id, name, email, email_verified) values (${id}, 'Ann', ${email}, ${isConfirmed})`);
		await database.query(sql`insert into members (tenant_id, user_id, role) values (${tenantId}, ${id}, 'member')`);
	}

	test("arrive once, with links that work, small copies and no prompt", { timeout: 120_000 }, async () => {
		const job = await ask({ count: 2, email_results_to: "team@studio.example" });
		await finished(call, tenant.key, job);
		expect(await over(job.id)).toBe("sent");
		expect(received).toHaveLength(1);
		const [mail] = received;
		expect(mail).toMatchObject({ to: "team@studio.example", messageId: `<results-${job.id}@example.com>` });
		expect(mail?.text).toContain("Subject: Glassworks: Your 2 pictures are ready");
		expect(mail?.text).toMatch(/filename=picture-1\.jpg/);
		expect(mail?.text).toMatch(/filename=picture-2\.jpg/);
		expect(mail?.text).not.toContain("private");
		const text = (mail?.text ?? "").replaceAll("=\r\n", "").replaceAll("=3D", "=");
		const link = text.match(/Picture 2: (\S+)/)?.[1] ?? "";
		expect((await download(link)).headers.get("content-type")).toBe("image/png");
		// The address has served.
		expect(await stateOf(job.id)).toMatchObject({ address: "" });
	});

	test("go to the confirmed address of a member, in whatever case it is written, and to nobody else's", { timeout: 120_000 }, async () => {
		const stranger = await running.createTenant("starter", { creditMicroUsd: 0 });
		await newMember(tenant.tenantId, "ann@home.example", true);
		await newMember(tenant.tenantId, "unsure@home.example", false);
		await newMember(stranger.tenantId, "bob@home.example", true);
		const job = await ask({ email_results_to: "Ann@Home.example" });
		expect(await over(job.id)).toBe("sent");
		for (const address of ["unsure@home.example", "bob@home.example", "nobody@home.example", "x@notstudio.example"])
			expect(await ask({ email_results_to: address })).toMatchObject({ code: "invalid_request", errors: [{ path: ["email_results_to"] }] });
		expect(await ask({ email_results_to: "no address" })).toMatchObject({
			code: "invalid_request",
			errors: [{ path: ["email_results_to"] }],
		});
	});

	test("are tried again with the same Message-ID when the mail server asks for it, and given up when it refuses", {
		timeout: 120_000,
	}, async () => {
		refusals = [451];
		const job = await ask({ email_results_to: "later@studio.example" });
		while ((await stateOf(job.id))?.outcome === null) {
			// Its pause is over at once, but not while it is being sent.
			await database.query(sql`update result_mails set due_at = clock_timestamp() where subject_id = ${job.id} and claims > 0
				and due_at < clock_timestamp() + interval '1 minute'`);
			await sleep(200);
		}
		expect(await over(job.id)).toBe("sent");
		expect(received.map((mail) => mail.messageId)).toEqual(Array(2).fill(`<results-${job.id}@example.com>`));
		refusals = [550];
		const refused = await ask({ email_results_to: "gone@studio.example" });
		expect(await over(refused.id)).toBe("failed");
	});

	test("are not mailed of a job that was cancelled before there was any, nor to somebody who left meanwhile", {
		timeout: 120_000,
	}, async () => {
		const later = { run_after: new Date(Date.now() + 3_600_000).toISOString() };
		const cancelled = await ask({ ...later, email_results_to: "team@studio.example" });
		await call("POST", `/api/v1/jobs/${cancelled.id}/cancel`);
		expect(await over(cancelled.id)).toBe("dropped");
		await newMember(tenant.tenantId, "leaver@home.example", true);
		const job = await ask({ ...later, email_results_to: "leaver@home.example" });
		await database.query(sql`delete from members where user_id in (select id from people where email = 'leaver@home.example')`);
		await database.query(sql`update jobs set run_after = clock_timestamp() where id = ${job.id}`);
		expect(await over(job.id)).toBe("dropped");
		expect(received).toEqual([]);
	});

	test("tell also of a job that failed, and runs and edits can ask for them", { timeout: 120_000 }, async () => {
		const run = await call("POST", "/api/v1/workflows/picture/runs", {
			body: { inputs: { prompt: "x", width: 64, height: 64, steps: 1, upscale: false }, email_results_to: "nobody@home.example" },
		});
		expect(run.body).toMatchObject({ code: "invalid_request", errors: [{ path: ["email_results_to"] }] });
		const later = { run_after: new Date(Date.now() + 3_600_000).toISOString() };
		const job = await ask({ ...later, email_results_to: "team@studio.example" });
		// As if every attempt had failed.
		await database.transaction(async (tx) => {
			await tx.query(sql`update image_runs set status = 'failed' where job_id = ${job.id}`);
			await tx.query(sql`update jobs set status = 'failed', finished_at = now(), error = '{"code": "out_of_memory", "message": "It did not fit."}'
				where id = ${job.id}`);
		});
		expect(await over(job.id)).toBe("sent");
		expect(received[0]?.text).toContain("Subject: Glassworks: Your picture could not be made");
		expect(received[0]?.text).toContain("It did not fit.");
	});
});

test("a server without a mail server says so", { timeout: 120_000 }, async () => {
	const running = await startTestApp();
	try {
		const call = caller(running.url, running.ownerKey);
		const answer = await call("POST", "/api/v1/generations", { body: { ...small, email_results_to: "a@b.example" } });
		expect(answer.body).toMatchObject({
			code: "invalid_request",
			errors: [{ path: ["email_results_to"], message: expect.stringContaining("SMTP_URL") }],
		});
	} finally {
		await running.close();
	}
});
