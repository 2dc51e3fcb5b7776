import { useState } from "react";

export type Theme = "dark" | "light";

/** The theme on the page; public/theme.js sets it before the first paint. */
export function useTheme(): [Theme, (theme: Theme) => void] {
	const [theme, setTheme] = useState<Theme>(() => (document.documentElement.dataset.theme === "light" ? "light" : "dark"));
	return [
		theme,
		(next) => {
			document.documentElement.dataset.theme = next;
			setTheme(next);
			try {
				localStorage.setItem("glassworks.theme", next);
			} catch {
				// Storage may be switched off: the choice lasts until the page is closed.
			}
		},
	];
}
