/** A bell: `within` returns when it was rung since the last time, or after that many milliseconds. */
export function createWake(): { now(): void; within(ms: number): Promise<void> } {
	let isRung = false;
	let ring = () => {};
	return {
		now: () => {
			isRung = true;
			ring();
		},
		within: (ms) =>
			new Promise((resolve) => {
				const timer = setTimeout(() => ring(), isRung ? 0 : ms);
				ring = () => {
					clearTimeout(timer);
					isRung = false;
					ring = () => {};
					resolve();
				};
			}),
	};
}
