import type { Log, Mailer } from "../domain/ports.ts";
import type { Outbox, WebhookEndpoint } from "../domain/webhooks/webhookStore.ts";

export interface TellPorts {
	outbox: Pick<Outbox, "untold" | "told" | "managersOf">;
	mailer: Pick<Mailer, "send">;
	log: Log;
}

/** A mail that could not be sent is sent again after so long. */
const retryMs = 5 * 60_000;

/** Tells a tenant's managers by mail which of its webhooks were disabled. Killed half-way, it is done again; a mail's id then makes it one mail. */
export async function tellManagers({ outbox, mailer, log }: TellPorts): Promise<void> {
	for (const endpoint of await outbox.untold(retryMs)) {
		const managers = await outbox.managersOf(endpoint.tenantId);
		if (managers.length === 0) log.warn({ webhook: endpoint.id, reason: endpoint.disabledBy }, "webhook disabled; nobody to tell by mail");
		for (const [place, to] of managers.entries())
			await mailer.send({ id: `${endpoint.id}.${endpoint.disabledAt?.getTime()}.${place}`, to, ...mailAbout(endpoint) });
		await outbox.told(endpoint.id);
	}
}

function mailAbout({ id, url, description, disabledBy, disabledAt }: WebhookEndpoint): { subject: string; text: string } {
	// The rest of the address may be a secret of the receiver's.
	const named = `${id} to ${new URL(url).origin}${description === "" ? "" : ` (${description})`}`;
	const why = disabledBy === "gone" ? "It answered with status 410 (gone)." : "For five days every attempt to reach it has failed.";
	return {
		subject: "A webhook was disabled",
		text: [
			`The webhook ${named} was disabled at ${disabledAt?.toISOString()}. ${why}`,
			"",
			`Nothing is sent to it until you enable it again: PATCH /api/v1/webhooks/${id} with {"enabled": true}.`,
			"What was not delivered is in its log for 30 days and can be sent again from there.",
			"",
		].join("\n"),
	};
}
