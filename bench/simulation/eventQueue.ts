/** A binary heap of things to do at a simulated time; equal times come out in the order they went in. */
export interface EventQueue {
	add(atMs: number, run: () => void): void;
	next(): { atMs: number; run: () => void } | undefined;
}

interface Entry {
	atMs: number;
	sequence: number;
	run: () => void;
}

export function createEventQueue(): EventQueue {
	const heap: Entry[] = [];
	let sequence = 0;
	return {
		add(atMs, run) {
			heap.push({ atMs, sequence: sequence++, run });
			siftUp(heap);
		},
		next() {
			const first = heap[0];
			const last = heap.pop();
			if (first === undefined || last === undefined) return undefined;
			if (first !== last) siftDown(heap, last);
			return first;
		},
	};
}

function isBefore(a: Entry, b: Entry): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

function siftUp(heap: Entry[]): void {
	let index = heap.length - 1;
	while (index > 0) {
		const parent = (index - 1) >> 1;
		const [child, above] = [heap[index], heap[parent]];
		if (child === undefined || above === undefined || !isBefore(child, above)) return;
		heap[index] = above;
		heap[parent] = child;
		index = parent;
	}
}

function siftDown(heap: Entry[], entry: Entry): void {
	let index = 0;
	for (;;) {
		const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
		const takesRight = right !== undefined && left !== undefined && isBefore(right, left);
		const smaller = takesRight ? right : left;
		if (smaller === undefined || !isBefore(smaller, entry)) break;
		heap[index] = smaller;
		index = 2 * index + (takesRight ? 2 : 1);
	}
	heap[index] = entry;
}
