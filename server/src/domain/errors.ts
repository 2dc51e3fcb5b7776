import type { JsonObject } from "./json.ts";

/**
 * Every error a caller can meet: its stable code, its HTTP status and what to do about it.
 * docs/errors.md is generated from this table and a test keeps the two equal.
 */
export const errorTable = {
	invalid_request: [422, "A field is missing, of the wrong type or out of range. `errors` names each one."],
	malformed_body: [400, "The body could not be read as the content type it claims."],
	unauthenticated: [401, "No valid key. Send `Authorization: Bearer <key>`."],
	forbidden: [403, "The key is valid but may not do this. `detail` says what it lacks."],
	not_found: [404, "Nothing here by that name, or it belongs to another tenant."],
	method_not_allowed: [405, "This address exists but not for this method. `Allow` lists what it takes."],
	unknown_model: [422, "No model of that name is configured. GET /api/v1/models lists them."],
	unknown_workflow: [422, "No workflow of that name is published. GET /api/v1/workflows lists them."],
	workflow_invalid: [422, "The workflow cannot be saved. `errors` names each place and what would be right."],
	workflow_unsafe: [422, "The graph holds nodes, files or sizes that are not allowed on this plan. `errors` names each."],
	parts_missing: [422, "No engine at hand has everything the workflow needs. `nodes` and `files` name what is missing."],
	workflow_name_taken: [409, "A private workflow of that name belongs to another key or person of the account."],
	webhook_limit: [409, "The account has as many webhooks as it may. `max` is given."],
	webhook_disabled: [409, "The webhook is disabled: nothing is sent to it. Enable it first."],
	workflow_limit: [409, "The account has as many workflows, or the workflow as many versions, as there may be. `max` is given."],
	unsupported_by_model: [422, "The model cannot do what was asked; `detail` names the field and what it can."],
	edit_unavailable: [422, "No engine at hand can do this edit. `operation` names it, `models` those that could if an engine ran them."],
	mask_invalid: [
		422,
		"The mask does not fit: `reason` is empty (nothing to repaint), full (nothing to keep) or shape (another than the picture's).",
	],
	size_over_plan: [
		422,
		"The picture is larger than the plan renders. `max` and `asked` are in pixels per side; `plan` is the cheapest that allows it.",
	],
	steps_over_plan: [422, "More steps than the plan allows. `max` and `asked` are given; `plan` is the cheapest that allows it."],
	step_not_in_plan: [
		403,
		"The plan does not include a step that the workflow cannot do without. `plans` lists those that do, the cheapest first.",
	],
	model_not_in_plan: [403, "The plan does not include this model. `plans` lists those that do, the cheapest first."],
	trainings_over_plan: [
		403,
		"The plan includes no LoRA training, or this month's are taken. `max` is how many it includes; `plan` is the cheapest that allows one more.",
	],
	lora_name_taken: [409, "A LoRA of that name is there already, or being trained. Choose another name, or delete it."],
	over_key_cap: [
		403,
		"More than the key may: `cap` names which cap, `max` its value, `asked` what was asked, `used` what is used up of it this month.",
	],
	key_busy: [
		429,
		"As many pictures of the key as it may have are unfinished: `max`, `used` and `asked` are given. Try again when some have ended.",
	],
	insufficient_credit: [
		402,
		"The price is above the credit left. Nothing was charged or queued. `quotas` are those of the plan that were too small for it.",
	],
	idempotency_key_reused: [422, "This Idempotency-Key was used with another body. Use a new key."],
	idempotency_in_flight: [409, "A request with this Idempotency-Key is still being answered. Try again shortly."],
	sign_in_failed: [401, "Address or password is wrong."],
	address_not_verified: [
		403,
		"The link that was mailed on signing up was not opened yet. POST /api/v1/people/verify/resend sends it again.",
	],
	sign_up_closed: [403, "Nobody signs up here by themselves. Ask whoever manages the account you want to join for an invitation."],
	no_account: [403, "You belong to no account. Ask whoever manages one for an invitation."],
	link_invalid: [410, "The mailed link is wrong, was used or has expired. Ask for a new one."],
	person_exists: [409, "The address has signed up already. Sign in, then accept the invitation."],
	already_member: [409, "The person belongs to the account already. Change the role instead."],
	tenant_exists: [409, "An account of that id is there already, with another name or plan."],
	last_owner: [409, "An account with people keeps at least one owner. Make somebody else owner first."],
	account_deleted: [410, "The account was deleted, or is being deleted. Nothing can be made in it any more."],
	account_limit: [409, "The account has as many people, invitations or keys as there may be, or you own as many accounts. `max` is given."],
	key_not_usable: [409, "The key was revoked or has expired, so it cannot be rotated. Make a new one."],
	job_not_ended: [409, "The job or picture is still being made. Cancel the job first."],
	job_deleted: [410, "The job was deleted by its account, with its pictures."],
	picture_deleted: [410, "The picture was deleted, by its account or because its time was up. `deleted_at` says when."],
	retention_over_plan: [422, "Pictures are asked to be kept longer than the plan keeps them. `max` and `asked` are in seconds."],
	nothing_to_retry: [409, "Every picture of the job was made. To make others, ask anew."],
	job_not_cancellable: [409, "The job had already ended."],
	job_not_movable: [409, "Nothing of the job can be moved in line now: it has ended, or everything of it has begun."],
	batch_ended: [409, "The batch has ended, or was cancelled: nothing of it can be changed that way any more."],
	budget_too_low: [
		409,
		"The batch's next item would exceed its budget. `next_micro_usd` and `left_micro_usd` are given; raise the budget.",
	],
	board_limit: [409, "The account has as many boards as there may be. `max` is given."],
	pool_in_use: [409, "Unfinished steps are in the pool. `move` takes them to the pool it stands in for."],
	picture_unsupported: [422, "Not a picture we read. PNG, JPEG, WebP, GIF (first frame) and AVIF are read; SVG is not."],
	picture_corrupt: [422, "The picture is truncated or damaged."],
	picture_too_large: [413, "The picture has more bytes, pixels or frames than allowed. `max` and `asked` are given."],
	picture_polyglot: [422, "The file is a picture with something else appended. Save it again and retry."],
	decode_limit: [422, "Reading the picture took more memory or time than allowed."],
	url_blocked: [422, "The address is not one this server may fetch (private network, bad scheme or port)."],
	url_failed: [422, "The address did not answer with a picture. `detail` says what happened."],
	body_too_large: [413, "The body is larger than this route takes. `max` is in bytes."],
	unsupported_media_type: [415, "This route does not take that content type."],
	range_not_satisfiable: [416, "The range lies outside the file."],
	rate_limited: [429, "Too many requests. Wait for `Retry-After` seconds. `limit` says which rate is used up, `max` and `per` what it is."],
	overloaded: [503, "More waits than this plan may add to. Nothing was accepted; try again after `Retry-After` seconds."],
	lease_lost: [409, "The task was handed to another attempt: stop working on it."],
	engine_exists: [409, "An engine at this address is registered already."],
	engine_invalid: [422, "The engine refused the input. `detail` says why."],
	model_missing: [422, "The model's files are not installed. The operator can run `glassworks models pull`."],
	out_of_memory: [503, "The engine ran out of memory and every retry did too. Try a smaller size."],
	engine_down: [503, "The engine stopped or could not be reached, and every retry failed."],
	timeout: [504, "The step took longer than its limit, and every retry did too."],
	worker_lost: [503, "The worker stopped answering on every attempt."],
	cancelled: [409, "The job was cancelled."],
	expired: [410, "The link has expired. Ask for the job again to get a fresh one."],
	unavailable: [503, "The server is starting, stopping or lost its database. Try again shortly."],
	internal: [500, "Our mistake. The request id finds it in the log."],
} as const satisfies Record<string, readonly [status: number, meaning: string]>;

export type ErrorCode = keyof typeof errorTable;

/** One field of a request that was wrong. `path` is the JSON path (`["image", "url"]`); `message` says what would be right. */
export interface FieldError {
	path: (string | number)[];
	message: string;
}

/** The only error whose message may reach a caller. Everything else becomes `internal` and is logged. */
export class GlassworksError extends Error {
	override readonly name = "GlassworksError";
	readonly code: ErrorCode;
	readonly data: JsonObject;
	readonly fields: FieldError[];

	constructor(code: ErrorCode, message: string, data: JsonObject = {}, fields: FieldError[] = []) {
		super(message);
		this.code = code;
		this.data = data;
		this.fields = fields;
	}

	get status(): number {
		return errorTable[this.code][0];
	}
}

/** True for failures that another attempt may not meet: the machine's fault, not the request's. */
export function isRetryable(code: ErrorCode): boolean {
	return ["out_of_memory", "engine_down", "timeout", "worker_lost", "unavailable", "internal"].includes(code);
}

/** What a step throws whose caller gave up. */
export function stepCancelled(): GlassworksError {
	return new GlassworksError("cancelled", "The step was cancelled.");
}
