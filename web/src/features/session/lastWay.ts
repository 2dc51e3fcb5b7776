export type Way = "email" | "key";

const name = "glassworks.sign-in";

/** How this browser last signed in; null: it never did. */
export function lastWay(): Way | null {
	try {
		const way = localStorage.getItem(name);
		return way === "email" || way === "key" ? way : null;
	} catch {
		return null;
	}
}

export function keepWay(way: Way): void {
	try {
		localStorage.setItem(name, way);
	} catch {
		// Storage may be switched off: it is asked again.
	}
}
