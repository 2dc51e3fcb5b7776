import type { KeyStore } from "./keyStore.ts";

/** Which keys were used: noted at once, written now and then, so that no request waits for it. */
export interface LastUse {
	note(keyId: string): void;
	/** Writes what was noted since. Keeps it where that fails. */
	write(): Promise<void>;
}

export function createLastUse(keys: Pick<KeyStore, "touchKeys">): LastUse {
	let noted = new Set<string>();
	return {
		note: (keyId) => void noted.add(keyId),
		async write() {
			if (noted.size === 0) return;
			const used = noted;
			noted = new Set();
			try {
				await keys.touchKeys([...used]);
			} catch (error) {
				for (const keyId of used) noted.add(keyId);
				throw error;
			}
		},
	};
}
