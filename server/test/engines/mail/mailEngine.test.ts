import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Picture, StepContext } from "../../../src/domain/ports.ts";
import { createMailEngine } from "../../../src/engines/mail/engine.ts";

const photograph = readFileSync(path.join(import.meta.dirname, "../../data/photographs/cat.jpg"));
const image: Picture = { bytes: photograph, mediaType: "image/jpeg", widthPx: 512, heightPx: 512 };
const context: StepContext = { signal: new AbortController().signal, onProgress() {}, onPreview() {} };

let mails: string[];
let refusal: { responseCode: number } | null;
let server: SMTPServer;
let smtpUrl: string;
beforeEach(async () => {
	mails = [];
	refusal = null;
	server = new SMTPServer({
		authOptional: true,
		disabledCommands: ["STARTTLS"],
		onRcptTo: (_, __, done) => done(refusal ? Object.assign(new Error("no such mailbox, said somebody@internal"), refusal) : null),
		onData(stream, _, done) {
			const chunks: Buffer[] = [];
			stream.on("data", (chunk: Buffer) => chunks.push(chunk));
			stream.on("end", () => {
				mails.push(Buffer.concat(chunks).toString("latin1"));
				done();
			});
		},
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	smtpUrl = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const open = () => createMailEngine({ smtpUrl, from: "Glassworks <art@example.com>", recipients: ["ann@example.org", "@studio.example"] });
const mail = { to: "ann@example.org", subject: "Your picture", text: "Here it is." };
const send = (params: object, inputs: Record<string, Picture> = { image }) =>
	open().run({ kind: "send_email", model: "smtp", params: { ...mail, ...params }, inputs }, context);

test("a picture arrives by mail, byte for byte", async () => {
	expect((await send({})).data).toEqual({ accepted: 1 });
	expect(mails).toHaveLength(1);
	expect(mails[0]).toContain("Subject: Your picture");
	expect(mails[0]).toContain("From: Glassworks <art@example.com>");
	const encoded = mails[0]?.split(/filename=picture\.jpg[\s\S]*?\r\n\r\n/)[1]?.split("\r\n--")[0] ?? "";
	expect(Buffer.from(encoded, "base64").equals(photograph)).toBe(true);
});

test("a step that runs again sends the same message, and another picture another one", async () => {
	await send({});
	await send({});
	await send({ text: "Another." });
	const ids = mails.map((sent) => sent.match(/^Message-ID: (.*)\r$/im)?.[1]);
	expect(ids[0]).toBe(ids[1]);
	expect(ids[2]).not.toBe(ids[0]);
});

test("mail goes to whom the operator lists and to nobody else", async () => {
	await send({ to: "Bob@Studio.example" });
	for (const to of ["eve@example.org", "ann@example.org.evil.example", "x@notstudio.example"])
		await expect(send({ to })).rejects.toMatchObject({ code: "engine_invalid", message: expect.stringMatching(/^to: /) });
	expect(mails).toHaveLength(1);
});

test("a subject cannot smuggle in a header", async () => {
	await expect(send({ subject: "Hi\r\nBcc: eve@example.org" })).rejects.toMatchObject({ code: "engine_invalid" });
	expect(mails).toHaveLength(0);
});

test("a refused mailbox fails for good, a mail server that is busy or gone is tried again; neither's words reach the tenant", async () => {
	refusal = { responseCode: 550 };
	await expect(send({})).rejects.toMatchObject({ code: "engine_invalid", message: "The mail server refused the mail (550)." });
	refusal = { responseCode: 451 };
	await expect(send({})).rejects.toMatchObject({ code: "engine_down", message: expect.not.stringContaining("internal") });
	smtpUrl = "smtp://127.0.0.1:1";
	await expect(send({})).rejects.toMatchObject({ code: "engine_down" });
	await expect(open().status()).rejects.toMatchObject({ code: "engine_down" });
});
