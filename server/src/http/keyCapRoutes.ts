import { z } from "zod";
import { apiKey, ofTenant } from "../contract/key.ts";
import { changeKey } from "../contract/keyCaps.ts";
import { GlassworksError } from "../domain/errors.ts";
import { hasCaps } from "../domain/plans/keyCaps.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { accountOf } from "./accountOf.ts";
import { principalOf } from "./authenticate.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentKey, readCaps } from "./presentKey.ts";
import { json, problems, security } from "./responses.ts";

/** What of a key can be changed: its name and its caps. */
export function keyCapRoutes(app: App, { accounts, operator }: Pick<HttpPorts, "accounts" | "operator">): void {
	app.patch(
		"/keys/:id",
		{
			config: { access: "manage", audit: ["name", "caps"] },
			schema: {
				operationId: "changeKey",
				tags: ["Keys"],
				summary: "Change a key's name or caps",
				description: "Caps hold for what is asked from now on, and for sessions that were opened with the key.",
				security: security.key,
				params: z.object({ id: resourceId.describe("The key.") }),
				querystring: ofTenant,
				body: changeKey,
				response: {
					200: json("The key.", apiKey),
					...problems("unauthenticated", "forbidden", "not_found", "invalid_request", "malformed_body"),
				},
			},
		},
		async (request) => {
			const asker = principalOf(request);
			const tenantId = await accountOf({ accounts }, asker, request.query.tenant);
			await refuseCapped(accounts, asker);
			const { name = null, caps } = request.body;
			requireModels(caps?.models, operator);
			return presentKey(await accounts.changeKey(tenantId, request.params.id, { name, caps: readCaps(caps) }));
		},
	);
}

/** A key with caps could else give itself, a new key or somebody it invites more than it may. @throws {GlassworksError} forbidden */
export async function refuseCapped(accounts: HttpPorts["accounts"], { tenantId, keyId }: Principal): Promise<void> {
	if (keyId !== null && hasCaps((await accounts.getKey(tenantId, keyId)).caps))
		throw new GlassworksError("forbidden", "A key that has caps makes and changes no keys and no people.");
}

/** @throws {GlassworksError} invalid_request */
export function requireModels(names: readonly string[] | null | undefined, { models }: HttpPorts["operator"]): void {
	const known = models.map(({ name }) => name);
	const fields = (names ?? []).flatMap((name, place) =>
		known.includes(name) ? [] : [{ path: ["caps", "models", place], message: `names no model: ${name}; there are ${known.join(", ")}` }],
	);
	if (fields[0]) throw new GlassworksError("invalid_request", `caps.models: ${fields[0].message}.`, {}, fields);
}
