import { createTransport, type TransportOptions } from "./http/transport.ts";
import { assets } from "./resources/assets.ts";
import { batches } from "./resources/batches.ts";
import { boards } from "./resources/boards.ts";
import { account, models, queue, server, status } from "./resources/catalogue.ts";
import { edits } from "./resources/edits.ts";
import { generations } from "./resources/generations.ts";
import { images } from "./resources/images.ts";
import { jobs } from "./resources/jobs.ts";
import { keys } from "./resources/keys.ts";
import { audit, credits, engines, workers } from "./resources/operating.ts";
import { invitations, members, organisations } from "./resources/organisations.ts";
import { people } from "./resources/people.ts";
import { pools } from "./resources/pools.ts";
import { quotes } from "./resources/quotes.ts";
import { session } from "./resources/session.ts";
import { storage } from "./resources/storage.ts";
import { tenants } from "./resources/tenants.ts";
import { trainings } from "./resources/trainings.ts";
import { usage } from "./resources/usage.ts";
import { webhooks } from "./resources/webhooks.ts";
import { workflows } from "./resources/workflows.ts";

export type ClientOptions = TransportOptions;

/**
 * A client of one Glassworks server. Every call is safe to repeat and is repeated, up to three times, when no answer came or
 * the server asked to wait.
 * @throws {TypeError} when `baseUrl` is not an absolute address
 */
export function createClient(options: ClientOptions) {
	const transport = createTransport(options);
	return {
		generations: generations(transport),
		quotes: quotes(transport),
		edits: edits(transport),
		trainings: trainings(transport),
		batches: batches(transport),
		jobs: jobs(transport),
		images: images(transport),
		boards: boards(transport),
		assets: assets(transport),
		models: models(transport),
		workflows: workflows(transport),
		queue: queue(transport),
		server: server(transport),
		status: status(transport),
		pools: pools(transport),
		webhooks: webhooks(transport),
		session: session(transport),
		account: account(transport),
		keys: keys(transport),
		usage: usage(transport),
		people: people(transport),
		organisations: organisations(transport),
		members: members(transport),
		invitations: invitations(transport),
		tenants: tenants(transport),
		storage: storage(transport),
		workers: workers(transport),
		engines: engines(transport),
		credits: credits(transport),
		audit: audit(transport),
	};
}
export type GlassworksClient = ReturnType<typeof createClient>;
