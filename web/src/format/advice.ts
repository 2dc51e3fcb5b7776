import { GlassworksApiError, GlassworksConnectionError } from "@glassworks/sdk";

/** What went wrong in a line, and what to do about it in another. */
export interface Advice {
	title: string;
	/** Null when the title says it all. */
	advice: string | null;
}

const remedies: Record<string, string> = {
	rate_limited: "Wait a moment and press the button again.",
	insufficient_credit: "Lower the count, switch off extras, or ask the operator for credit.",
	model_not_in_plan: "Choose another model.",
	size_over_plan: "Choose a smaller size in the settings.",
	steps_over_plan: "Lower the steps in the settings.",
	model_missing: "Choose another model, or ask the operator to install this one.",
	out_of_memory: "Try a smaller size or a lower count.",
	engine_down: "The machine that draws stopped. Try again; if it stays so, tell the operator.",
	worker_lost: "The machine that draws stopped answering. Try again.",
	timeout: "It took too long. Try fewer steps or a smaller size.",
	forbidden: "Sign in with a key that may do this.",
	unavailable: "The server is starting or stopping. Try again in a few seconds.",
	internal: "That is our mistake, not yours. Try again; the request id helps the operator find it.",
	cancelled: "You can make it again from its settings.",
};

/** For anything a call may throw. Never shows a stack or a status number without words. */
export function adviceFor(error: unknown): Advice {
	if (error instanceof GlassworksApiError) {
		const request = error.requestId && error.status >= 500 ? ` Request ${error.requestId}.` : "";
		const advice = `${remedies[error.code] ?? ""}${request}`.trim();
		return { title: error.detail, advice: advice || null };
	}
	if (error instanceof GlassworksConnectionError)
		return {
			title: "The server does not answer.",
			advice: "Check that it is running and that you are online. Nothing is lost: running pictures go on.",
		};
	return { title: "Something unexpected happened in this page.", advice: "Reload it. Your pictures are on the server." };
}

/** For a failure the job itself carries. */
export function adviceForFailure(failure: { code: string; message: string }): Advice {
	return { title: failure.message, advice: remedies[failure.code] ?? null };
}
