/** Hands each ring to who waited before it. */
export function createSignal(): { ring(): void; next(): Promise<void> } {
	let wake = () => {};
	return {
		ring: () => wake(),
		next: () =>
			new Promise((resolve) => {
				wake = resolve;
			}),
	};
}
