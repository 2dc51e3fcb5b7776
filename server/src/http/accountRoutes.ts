import { account } from "../contract/money.ts";
import { principalOf } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { type Means, presentAccount } from "./presentMoney.ts";
import { json, problems, security } from "./responses.ts";

/** Who asks, what their plan includes and what they have left. */
export function accountRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/account",
		{
			schema: {
				operationId: "getAccount",
				tags: ["Account"],
				summary: "Your plan, what is left of it this month, and your credit",
				security: security.key,
				response: { 200: json("The account.", account), ...problems("unauthenticated", "forbidden") },
			},
		},
		async (request) => {
			const principal = principalOf(request);
			return presentAccount(principal, ports.operator, await readMeans(ports, principal.tenantId));
		},
	);
}

export async function readMeans({ accounts }: Pick<HttpPorts, "accounts">, tenantId: string): Promise<Means> {
	const [balance, usage] = await Promise.all([accounts.balance(tenantId), accounts.quotaUsage(tenantId)]);
	return { balance, usage };
}
