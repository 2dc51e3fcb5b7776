/** What of one account another account tries to reach. */
export type Thing =
	| "job"
	| "asset"
	| "workflow"
	| "key"
	| "invitation"
	| "member"
	| "tenant"
	| "worker"
	| "batch"
	| "training"
	| "board"
	| "webhook"
	| "delivery"
	| "first";

/**
 * Who a route is for: `public` and `open`: anybody, outside the API and in it; a scope: whoever has it; `person`: people who signed in,
 * whatever their role; `token`: a token of its own, a worker's or an upload's; `signed`: a signed link.
 */
export type Audience = "public" | "open" | "read" | "generate" | "manage" | "operate" | "person" | "token" | "signed";

export interface Recipe {
	for: Audience;
	/** For each parameter of its address, which thing of an account it names. */
	ids?: Record<string, Thing>;
	/** What stands for * in its address, with things in braces. */
	wild?: string;
	/** Instead of `ids`: its parameters name nothing that belongs to an account. */
	isShared?: true;
	/** A body with which it would work, where it needs one to get as far as the id. */
	body?: object;
	/** A session does not open it. */
	isOnlyForKeys?: true;
	/** Asked for nothing in particular it draws a picture, and waits for it. */
	isDrawing?: true;
	/** It ends the session it is called with. */
	isLast?: true;
}

const job = { ids: { id: "job" } } satisfies Partial<Recipe>;
const key = { ids: { id: "key" } } satisfies Partial<Recipe>;
const tenant = { ids: { id: "tenant" } } satisfies Partial<Recipe>;
const member = { ids: { id: "member" } } satisfies Partial<Recipe>;
const workflow = { ids: { slug: "workflow" } } satisfies Partial<Recipe>;
const worker = { ids: { id: "worker" } } satisfies Partial<Recipe>;
const batch = { ids: { id: "batch" } } satisfies Partial<Recipe>;
const training = { ids: { id: "training" } } satisfies Partial<Recipe>;
const webhook = { ids: { id: "webhook" } } satisfies Partial<Recipe>;
const shared = { isShared: true } satisfies Partial<Recipe>;

/** What AUTOMATIC1111's clients ask before they draw. */
const readsOfA1111 = Object.fromEntries(
	(
		"progress options sd-models samplers schedulers upscalers realesrgan-models latent-upscale-modes loras face-restorers embeddings scripts " +
		"script-info memory cmd-flags hypernetworks prompt-styles sd-vae sd-modules"
	)
		.split(" ")
		.map((name) => [`GET /sdapi/v1/${name}`, { for: "read" } as const]),
);

/** Every route of the server, by method and address; HEAD goes with GET. A new route adds a line here: see authorization.test.ts. */
export const recipes: Record<string, Recipe> = {
	"GET /": { for: "public" },
	"GET /*": { for: "public", ...shared },
	"GET /assets/*": { for: "public", ...shared },
	"GET /docs": { for: "public" },
	"GET /docs/": { for: "public" },
	"GET /docs/errors": { for: "public" },
	"GET /docs/js/scalar.js": { for: "public" },
	"GET /healthz": { for: "public" },
	"GET /openapi.json": { for: "public" },
	"GET /readyz": { for: "public" },

	"GET /api/v1/queue": { for: "open" },
	"GET /api/v1/server": { for: "open" },
	"GET /api/v1/account-deletions/:id": { for: "open", ...shared },
	"GET /api/v1/status": { for: "open" },
	"POST /fal/cdn/files/upload/multipart": { for: "open" },
	"PUT /fal/cdn/uploads/:id": { for: "signed", ...shared },
	"POST /api/v1/invitations/join": { for: "open" },
	"POST /api/v1/invitations/open": { for: "open" },
	"POST /api/v1/people/forgot": { for: "open" },
	"POST /api/v1/people/reset": { for: "open" },
	"POST /api/v1/people/sign-in": { for: "open" },
	"POST /api/v1/people/sign-up": { for: "open" },
	"POST /api/v1/people/verify": { for: "open" },
	"POST /api/v1/people/verify/resend": { for: "open" },
	"POST /api/v1/session": { for: "open" },

	"DELETE /api/v1/session": { for: "read", isLast: true },
	"GET /api/v1/account": { for: "read" },
	"GET /api/v1/assets/:id": { for: "read", ids: { id: "asset" } },
	"GET /api/v1/assets/:id/content": { for: "read", ids: { id: "asset" } },
	"GET /api/v1/batches": { for: "read" },
	"GET /api/v1/batches/:id": { for: "read", ...batch },
	"GET /api/v1/batches/:id/events": { for: "read", ...batch },
	"GET /api/v1/batches/:id/zip": { for: "read", ...batch },
	"GET /api/v1/batches/:id/items": { for: "read", ...batch },
	"GET /api/v1/batches/off-peak": { for: "read" },
	"GET /api/v1/trainings": { for: "read" },
	"GET /api/v1/trainings/:id": { for: "read", ...training },
	"GET /api/v1/trainings/:id/events": { for: "read", ...training },
	"GET /api/v1/trainings/:id/file": { for: "read", ...training },
	"GET /api/v1/trainings/:id/samples/:n": { for: "read", ids: { id: "training", n: "first" } },
	"GET /api/v1/boards": { for: "read" },
	"GET /api/v1/images": { for: "read" },
	"POST /api/v1/images/zip": { for: "read" },
	"GET /api/v1/jobs": { for: "read" },
	"GET /api/v1/jobs/:id": { for: "read", ...job },
	"GET /api/v1/jobs/:id/events": { for: "read", ...job },
	"GET /api/v1/jobs/:id/images/:n": { for: "read", ids: { id: "job", n: "first" } },
	"GET /api/v1/models": { for: "read" },
	"GET /api/v1/models/:name": { for: "read", ...shared },
	"GET /api/v1/session": { for: "read" },
	"GET /api/v1/usage": { for: "read" },
	"GET /api/v1/workflows": { for: "read" },
	"GET /api/v1/workflows/:slug": { for: "read", ...workflow },
	"GET /api/v1/workflows/:slug/schema": { for: "read", ...workflow },
	"GET /fal/queue/*": { for: "read", wild: "fal-ai/flux/requests/{job}" },
	...Object.fromEntries(
		["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"].map((method) => [
			`${method} /fal/proxy`,
			{ for: "read" } as const,
		]),
	),
	"GET /openai/v1/models": { for: "read" },
	"GET /openai/v1/models/*": { for: "read", ...shared },

	...readsOfA1111,
	"DELETE /mcp": { for: "read" },
	"GET /mcp": { for: "read" },
	"POST /mcp": { for: "read" },
	"POST /sdapi/v1/png-info": { for: "read" },
	"POST /sdapi/v1/refresh-checkpoints": { for: "read" },
	"POST /sdapi/v1/refresh-loras": { for: "read" },
	"POST /sdapi/v1/refresh-vae": { for: "read" },
	"GET /replicate/v1/account": { for: "read" },
	"GET /replicate/v1/collections": { for: "read" },
	"GET /replicate/v1/collections/:slug": { for: "read", ...shared },
	"GET /replicate/v1/deployments": { for: "read" },
	"GET /replicate/v1/deployments/:owner/:name": { for: "read", ...shared },
	"GET /replicate/v1/files": { for: "read" },
	"GET /replicate/v1/hardware": { for: "read" },
	"GET /replicate/v1/trainings": { for: "read" },
	"GET /replicate/v1/trainings/:id": { for: "read", ...shared },
	"QUERY /replicate/v1/models": { for: "read" },
	"GET /replicate/v1/files/:id": { for: "read", ids: { id: "asset" } },
	"GET /replicate/v1/models": { for: "read" },
	"GET /replicate/v1/models/:owner/:name": { for: "read", ...shared },
	"GET /replicate/v1/models/:owner/:name/versions": { for: "read", ...shared },
	"GET /replicate/v1/models/:owner/:name/versions/:version": { for: "read", ...shared },
	"GET /replicate/v1/predictions": { for: "read" },
	"GET /replicate/v1/predictions/:id": { for: "read", ...job },
	"GET /replicate/v1/streams/:id": { for: "signed", ...shared },

	"DELETE /api/v1/assets/:id": { for: "generate", ids: { id: "asset" } },
	"DELETE /api/v1/boards/:id": { for: "generate", ids: { id: "board" } },
	"PATCH /api/v1/boards/:id": { for: "generate", ids: { id: "board" }, body: { name: "x" } },
	"POST /api/v1/boards": { for: "generate" },
	"PATCH /api/v1/images": { for: "generate" },
	"DELETE /api/v1/jobs/:id": { for: "generate", ...job },
	"DELETE /api/v1/jobs/:id/images/:n": { for: "generate", ids: { id: "job", n: "first" } },
	"DELETE /api/v1/workflows/:slug": { for: "generate", ...workflow },
	"PATCH /api/v1/workflows/:slug": { for: "generate", ...workflow, body: { visibility: "link" } },
	"POST /api/v1/assets": { for: "generate" },
	"POST /api/v1/batches": { for: "generate" },
	"POST /api/v1/trainings": { for: "generate" },
	"POST /api/v1/trainings/quotes": { for: "generate" },
	"POST /api/v1/trainings/:id/cancel": { for: "generate", ...training },
	"DELETE /api/v1/trainings/:id": { for: "generate", ...training },
	"POST /api/v1/batches/:id/cancel": { for: "generate", ...batch },
	"POST /api/v1/batches/:id/pause": { for: "generate", ...batch },
	"POST /api/v1/batches/:id/resume": { for: "generate", ...batch, body: {} },
	"POST /api/v1/batches/:id/retry": { for: "generate", ...batch, body: {} },
	"POST /api/v1/batches/quotes": { for: "generate" },
	"POST /api/v1/edits": { for: "generate" },
	"POST /api/v1/edits/quotes": { for: "generate" },
	"POST /api/v1/generations": { for: "generate" },
	"POST /api/v1/jobs/:id/cancel": { for: "generate", ...job },
	"POST /api/v1/jobs/:id/retry": { for: "generate", ...job },
	"POST /api/v1/jobs/:id/to-front": { for: "generate", ...job },
	"POST /api/v1/quotes": { for: "generate" },
	"POST /api/v1/workflows": { for: "generate" },
	"POST /api/v1/workflows/:slug/runs": { for: "generate", ...workflow, body: { inputs: {} } },
	"POST /api/v1/workflows/:slug/runs/quotes": { for: "generate", ...workflow, body: { inputs: {} } },
	"POST /fal/queue/*": { for: "generate", ...shared },
	"POST /fal/rest/storage/auth/token": { for: "generate" },
	"POST /fal/rest/storage/upload/initiate": { for: "generate" },
	"POST /fal/rest/storage/upload/initiate-multipart": { for: "generate" },
	"POST /fal/rest/tokens": { for: "generate" },
	"POST /fal/rest/tokens/": { for: "generate" },
	"POST /fal/run/*": { for: "generate", ...shared },
	"PUT /fal/queue/*": { for: "generate", wild: "fal-ai/flux/requests/{job}/cancel" },
	"POST /openai/v1/images/edits": { for: "generate" },
	"POST /openai/v1/images/generations": { for: "generate" },
	"POST /openai/v1/images/variations": { for: "generate" },
	"POST /sdapi/v1/extra-batch-images": { for: "generate" },
	"POST /sdapi/v1/extra-single-image": { for: "generate" },
	"POST /sdapi/v1/img2img": { for: "generate" },
	"POST /sdapi/v1/interrogate": { for: "generate" },
	"POST /sdapi/v1/interrupt": { for: "generate" },
	"POST /sdapi/v1/options": { for: "generate" },
	"POST /sdapi/v1/skip": { for: "generate" },
	"POST /sdapi/v1/txt2img": { for: "generate", isDrawing: true },
	"DELETE /replicate/v1/deployments/:owner/:name": { for: "generate", ...shared },
	"DELETE /replicate/v1/files/:id": { for: "generate", ids: { id: "asset" } },
	"PATCH /replicate/v1/deployments/:owner/:name": { for: "generate", ...shared },
	"POST /replicate/v1/deployments": { for: "generate" },
	"POST /replicate/v1/models": { for: "generate" },
	"POST /replicate/v1/models/:owner/:name/versions/:version/trainings": { for: "generate", ...shared },
	"POST /replicate/v1/trainings/:id/cancel": { for: "generate", ...shared },
	"POST /replicate/v1/deployments/:owner/:name/predictions": { for: "generate", ...shared },
	"POST /replicate/v1/files": { for: "generate" },
	"POST /replicate/v1/models/:owner/:name/predictions": { for: "generate", ...shared },
	"POST /replicate/v1/predictions": { for: "generate" },
	"POST /replicate/v1/predictions/:id/cancel": { for: "generate", ...job },

	"DELETE /api/v1/account": { for: "manage", body: { confirm: "not the account's name" } },
	"DELETE /api/v1/invitations/:id": { for: "manage", ids: { id: "invitation" } },
	"DELETE /api/v1/members/:id": { for: "manage", ...member },
	"GET /api/v1/audit": { for: "manage" },
	"GET /api/v1/export.zip": { for: "manage" },
	"GET /api/v1/invitations": { for: "manage" },
	"GET /api/v1/keys": { for: "manage" },
	"GET /api/v1/keys/:id": { for: "manage", ...key },
	"GET /api/v1/members": { for: "manage" },
	"GET /replicate/v1/webhooks/default/secret": { for: "manage" },
	"DELETE /api/v1/webhooks/:id": { for: "manage", ...webhook },
	"GET /api/v1/webhooks": { for: "manage" },
	"GET /api/v1/webhooks/:id": { for: "manage", ...webhook },
	"GET /api/v1/webhooks/:id/deliveries": { for: "manage", ...webhook },
	"GET /api/v1/webhooks/:id/secret": { for: "manage", ...webhook },
	"GET /api/v1/webhooks/default-secret": { for: "manage" },
	"GET /api/v1/webhooks/deliveries": { for: "manage" },
	"GET /api/v1/webhooks/deliveries/:id": { for: "manage", ids: { id: "delivery" } },
	"PATCH /api/v1/webhooks/:id": { for: "manage", ...webhook, body: { enabled: false } },
	"POST /api/v1/webhooks": { for: "manage" },
	"POST /api/v1/webhooks/:id/secret/rotate": { for: "manage", ...webhook, body: {} },
	"POST /api/v1/webhooks/:id/test": { for: "manage", ...webhook, body: {} },
	"POST /api/v1/webhooks/default-secret/rotate": { for: "manage" },
	"POST /api/v1/webhooks/deliveries/:id/redeliver": { for: "manage", ids: { id: "delivery" } },
	"PATCH /api/v1/keys/:id": { for: "manage", ...key, body: { name: "x" } },
	"PATCH /api/v1/members/:id": { for: "manage", ...member, body: { role: "viewer" } },
	"POST /api/v1/invitations": { for: "manage" },
	"POST /api/v1/keys": { for: "manage" },
	"POST /api/v1/keys/:id/revoke": { for: "manage", ...key },
	"POST /api/v1/keys/:id/rotate": { for: "manage", ...key, body: {} },

	"GET /api/v1/organisations": { for: "person" },
	"POST /api/v1/invitations/accept": { for: "person" },
	"POST /api/v1/members/leave": { for: "person", isLast: true },
	"POST /api/v1/organisations": { for: "person" },
	"POST /api/v1/organisations/:id/enter": { for: "person", ...tenant },
	"POST /api/v1/people/password": { for: "person" },

	"DELETE /api/v1/tenants/:id": { for: "operate", ...tenant, body: { confirm: "not the account's name" } },
	"DELETE /api/v1/engines/:id": { for: "operate", ...shared },
	"DELETE /api/v1/pools/:id": { for: "operate", ...shared },
	"GET /api/v1/earnings": { for: "operate" },
	"GET /api/v1/promises": { for: "operate" },
	"GET /api/v1/engines": { for: "operate" },
	"GET /api/v1/ledger/verification": { for: "operate" },
	"GET /api/v1/pools": { for: "operate" },
	"GET /api/v1/storage": { for: "operate" },
	"POST /api/v1/storage/sweep": { for: "operate" },
	"GET /api/v1/tenants": { for: "operate" },
	"GET /api/v1/tenants/:id": { for: "operate", ...tenant },
	"GET /api/v1/tenants/:id/credits": { for: "operate", ...tenant },
	"GET /api/v1/usage/tenants": { for: "operate" },
	"GET /api/v1/workers": { for: "operate" },
	"GET /metrics": { for: "operate", isOnlyForKeys: true },
	"POST /api/v1/engines": { for: "operate" },
	"POST /api/v1/engines/:id/test": { for: "operate", ...shared },
	"POST /api/v1/jobs/:id/requeue": { for: "operate", ...job },
	"POST /api/v1/pools": { for: "operate" },
	"POST /api/v1/pools/:id/pause": { for: "operate", ...shared },
	"POST /api/v1/pools/:id/resume": { for: "operate", ...shared },
	"POST /api/v1/tenants": { for: "operate" },
	"POST /api/v1/tenants/:id/credits": { for: "operate", ...tenant, body: { amount_micro_usd: 1, note: "x" } },
	"POST /api/v1/tenants/:id/plan": { for: "operate", ...tenant, body: { plan: "pro" } },
	"POST /api/v1/workers": { for: "operate" },
	"POST /api/v1/workers/:id/drain": { for: "operate", ...worker },
	"POST /api/v1/workers/:id/pause": { for: "operate", ...worker },
	"POST /api/v1/workers/:id/resume": { for: "operate", ...worker },
	"POST /api/v1/workers/:id/revoke": { for: "operate", ...worker },

	"POST /fal/cdn/files/upload": { for: "token" },
	"GET /api/worker/v1/tasks/:id/inputs/:role": { for: "token", ...shared },
	"POST /api/worker/v1/claims": { for: "token" },
	"POST /api/worker/v1/hello": { for: "token" },
	"POST /api/worker/v1/nodes": { for: "token" },
	"POST /api/worker/v1/tasks/:id/finish": { for: "token", ...shared },
	"POST /api/worker/v1/tasks/:id/progress": { for: "token", ...shared },
	"PUT /api/worker/v1/tasks/:id/outputs/:role": { for: "token", ...shared },
	"PUT /api/worker/v1/tasks/:id/files/:role": { for: "token", ...shared },
	"PUT /api/worker/v1/tasks/:id/preview": { for: "token", ...shared },
};
