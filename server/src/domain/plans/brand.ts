import { z } from "zod";

const address = z
	.url({ protocol: /^https?$/, error: "must be an address that starts with https:// or http://" })
	.transform((value) => value.replace(/\/+$/, ""));
/** As CSS writes it; nothing else, because it goes into pages as it is. */
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, "must be a colour as #1f6feb");

/** What people see instead of Glassworks. */
export const brand = z.strictObject({
	name: z.string().trim().min(1, "must not be empty").max(60).default("Glassworks"),
	/** Picture shown beside the name; null: the studio's own mark. */
	logoUrl: z
		.url({ protocol: /^https$/, error: "must be an address that starts with https://" })
		.nullable()
		.default(null),
	colours: z
		.strictObject({
			/** Buttons and links. null: the studio's own. */
			accent: colour.nullable().default(null),
			/** Text on the accent. */
			onAccent: colour.nullable().default(null),
		})
		.prefault({}),
	/** Where people open the studio, when not at the API's address (GLASSWORKS_PUBLIC_URL): mails link there, and its pages may sign in. */
	studioUrl: address.nullable().default(null),
	/** Whom the platform's own mails come from, as `Acme Pictures <studio@acme.example>`. null: what `mail.from` says. */
	mailFrom: z
		.string()
		.regex(/^[^<>\r\n]*<?[^\s<>@]+@[^\s<>@]+>?$/, "must be an address, as `Acme Pictures <studio@acme.example>`")
		.nullable()
		.default(null),
});
