import { useEffect, useState } from "react";

/** State that a reload of this tab keeps, under a name of its own; what was kept by another version is dropped when `isRight` says so. */
export function useSaved<T>(name: string, initial: T, isRight: (value: unknown) => value is T): [T, (value: T) => void] {
	const [value, setValue] = useState<T>(() => {
		try {
			const stored: unknown = JSON.parse(sessionStorage.getItem(name) ?? "null");
			return isRight(stored) ? stored : initial;
		} catch {
			return initial;
		}
	});
	useEffect(() => {
		try {
			sessionStorage.setItem(name, JSON.stringify(value));
		} catch {
			// Storage may be switched off or full: the form still works.
		}
	}, [name, value]);
	return [value, setValue];
}
