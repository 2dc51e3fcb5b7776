/** How long the adapter waits for what. All in milliseconds. */
export interface Timings {
	/** One HTTP request, its answer read to the end. */
	requestMs: number;
	/** Opening the socket. A run starts without it when it does not open: it only hints. */
	socketOpenMs: number;
	/** Between pings on the socket. A pong that is missing when the next is due closes it. */
	pingMs: number;
	/** Before a lost socket is opened again during a run. */
	reconnectMs: number;
	/** Between looks at a prompt while hints come in. */
	lookMs: number;
	/** Between looks while no socket is open, the server does not answer or does not find the prompt. */
	blindLookMs: number;
	/** Before the next look at a prompt that was hinted to have ended and has not. Then twice as long, and so on. */
	hurriedLookMs: number;
	/** A running prompt of which nothing was heard for this long: the socket may be deaf, so it is opened again. */
	deafMs: number;
	/** A running prompt that did nothing for this long is stuck. Loading a large model from a slow disk says nothing either. */
	silentMs: number;
	/** A prompt that waits for this long while the engine's queue does not move is behind a stuck one. */
	queueStillMs: number;
	/** The longest a run may take, its wait in the engine's queue included. */
	maxRunMs: number;
	/** Between requests to stop a prompt: one that arrives before the prompt has started is lost. */
	stopRepeatMs: number;
	/** How long a prompt may go on after it was told to stop. */
	stopGraceMs: number;
	/** How long a server may be unreachable before the run fails. */
	unreachableMs: number;
	/** How long a server whose disk is full is given nothing. */
	restMs: number;
	/** Age at which the list of nodes is read again whether or not it seems to have changed. */
	catalogueMs: number;
}

export const defaultTimings: Timings = {
	requestMs: 30_000,
	socketOpenMs: 5_000,
	pingMs: 20_000,
	reconnectMs: 1_000,
	lookMs: 5_000,
	blindLookMs: 1_000,
	hurriedLookMs: 20,
	deafMs: 20_000,
	silentMs: 120_000,
	queueStillMs: 600_000,
	maxRunMs: 3_600_000,
	stopRepeatMs: 1_500,
	stopGraceMs: 10_000,
	unreachableMs: 20_000,
	restMs: 60_000,
	catalogueMs: 300_000,
};
