import type { RequestOptions, Transport } from "../http/transport.ts";
import type { TenantsUsagePage, UsagePage, UsageRow } from "../types.ts";
import { iteratePages } from "./iteratePages.ts";

export type UsageGroup = "day" | "key" | "model" | "step";

export interface UsageOptions<Group = UsageGroup> {
	/** What rows are told apart by. Default: day. */
	groupBy?: Group[];
	/** First and last day, both included, as 2026-11-25. Default: the last 30 days. */
	from?: string;
	to?: string;
	/** Where days begin, as Europe/Berlin. Default: UTC. */
	timeZone?: string;
	/** Only what this key asked for; `none`: what was asked for without a key. */
	key?: string;
	model?: string;
	step?: UsageRow["step"];
	/** Rows per page, 1 to 1,000. Default: 100. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
	signal?: AbortSignal;
}
export interface TenantsUsageOptions extends UsageOptions<UsageGroup | "tenant"> {
	/** Only this account's. */
	tenant?: string;
}

export function usage(transport: Transport) {
	const list = (options: UsageOptions = {}): Promise<UsagePage> => transport.json<UsagePage>("/api/v1/usage", requestOf(options));
	return {
		/** One page of what the account used, newest day first, with the total of all pages. */
		list,
		/** Every row, page by page as they are consumed. */
		iterate: (options: Omit<UsageOptions, "before"> = {}): AsyncGenerator<UsageRow, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** For keys that may operate: of every account, with own cost and margin. Default group: tenant. */
		ofTenants: (options: TenantsUsageOptions = {}): Promise<TenantsUsagePage> =>
			transport.json<TenantsUsagePage>("/api/v1/usage/tenants", requestOf(options)),
		/** Every row as a CSV file; `ofTenants`: as the call of that name. */
		csv: async ({ ofTenants = false, ...options }: TenantsUsageOptions & { ofTenants?: boolean } = {}): Promise<string> => {
			const path = ofTenants ? "/api/v1/usage/tenants" : "/api/v1/usage";
			return (await transport.send(path, { ...requestOf(options), headers: { accept: "text/csv" } })).text();
		},
	};
}

function requestOf({ groupBy, timeZone, signal, step, ...rest }: TenantsUsageOptions): RequestOptions {
	return { query: { ...rest, step: step ?? undefined, group_by: groupBy?.join(), time_zone: timeZone }, signal };
}
