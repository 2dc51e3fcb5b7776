import type { Picture, StepProgress } from "../domain/ports.ts";

/** At most four progress reports a second leave a step, and the last one always does. */
const progressEveryMs = 250;
/** At most two previews a second, one at a time. */
const previewEveryMs = 500;

interface ProgressReports {
	onProgress(progress: StepProgress): void;
	/** Tells the server now, whatever was last said: a heartbeat. */
	beat(): void;
	/** Ends all timers, after sending what is still unsaid. */
	finish(): Promise<void>;
	/** Ends all timers and says nothing more. */
	drop(): void;
}

export interface Reports extends ProgressReports {
	onPreview(preview: Picture): void;
}

export interface ReportOptions {
	heartbeatMs: number;
	sendProgress(progress: StepProgress): Promise<void>;
	sendPreview(preview: Picture): Promise<void>;
	/** Failures are told here and end nothing. */
	onFailure(error: unknown): void;
}

/**
 * Turns an engine's chatter into few calls. A report also counts as a heartbeat; when the engine says nothing for `heartbeatMs`, the last
 * report is sent again.
 */
export function throttleReports(options: ReportOptions): Reports {
	const progress = throttleProgress(options);
	const onPreview = throttlePreviews(options);
	let ended = false;
	return {
		onProgress: progress.onProgress,
		beat: progress.beat,
		onPreview: (preview) => ended || onPreview(preview),
		finish() {
			ended = true;
			return progress.finish();
		},
		drop() {
			ended = true;
			progress.drop();
		},
	};
}

function throttleProgress({ heartbeatMs, sendProgress, onFailure }: ReportOptions): ProgressReports {
	let latest: StepProgress = { fraction: 0 };
	let unsent = false;
	let sending: Promise<void> | null = null;
	let ended = false;
	let quietUntil = Number.NEGATIVE_INFINITY;
	let timer = setTimeout(send, heartbeatMs);

	function sendAfter(ms: number): void {
		clearTimeout(timer);
		timer = setTimeout(send, Math.max(0, ms));
	}

	function send(): void {
		clearTimeout(timer);
		unsent = false;
		const sentAt = performance.now();
		const afterwards = () => {
			sending = null;
			quietUntil = sentAt + progressEveryMs;
			if (!ended) sendAfter(sentAt + (unsent ? progressEveryMs : heartbeatMs) - performance.now());
		};
		sending = sendProgress(latest).catch(onFailure).then(afterwards);
	}

	return {
		onProgress(progress) {
			if (ended) return;
			latest = { ...progress, fraction: Math.min(1, Math.max(latest.fraction, progress.fraction || 0)) };
			unsent = true;
			const waitMs = quietUntil - performance.now();
			if (sending === null && waitMs <= 0) send();
			else if (sending === null) sendAfter(waitMs);
		},
		beat() {
			if (!ended && sending === null) send();
		},
		async finish() {
			ended = true;
			clearTimeout(timer);
			await sending;
			if (unsent) await sendProgress(latest).catch(onFailure);
			unsent = false;
		},
		drop() {
			ended = true;
			unsent = false;
			clearTimeout(timer);
		},
	};
}

function throttlePreviews({ sendPreview, onFailure }: ReportOptions): (preview: Picture) => void {
	let sending = false;
	let sentAt = Number.NEGATIVE_INFINITY;
	const afterwards = () => {
		sending = false;
	};
	return (preview) => {
		if (sending || performance.now() - sentAt < previewEveryMs) return;
		sending = true;
		sentAt = performance.now();
		sendPreview(preview).catch(onFailure).then(afterwards);
	};
}
