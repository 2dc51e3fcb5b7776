export interface Shortcut {
	/** One key or several pressed together, each as it is shown: `["Mod", "Enter"]`. `Mod` is Cmd on a Mac and Ctrl elsewhere. */
	keys: readonly string[];
	does: string;
}
export interface ShortcutGroup {
	/** Where they work. */
	place: string;
	shortcuts: readonly Shortcut[];
}

/** What the sheet behind `?` shows. A page that takes keys adds its group. */
export const shortcutGroups: readonly ShortcutGroup[] = [
	{
		place: "Everywhere",
		shortcuts: [
			{ keys: ["?"], does: "This sheet" },
			{ keys: ["Esc"], does: "Close what is open" },
		],
	},
	{
		place: "Create",
		shortcuts: [
			{ keys: ["Mod", "Enter"], does: "Generate" },
			{ keys: ["Alt", "↑"], does: "Earlier prompt" },
			{ keys: ["Alt", "↓"], does: "Later prompt" },
		],
	},
	{
		place: "Gallery",
		shortcuts: [
			{ keys: ["/"], does: "Search" },
			{ keys: ["←", "→", "↑", "↓"], does: "Go to a picture" },
			{ keys: ["Enter"], does: "Open it" },
			{ keys: ["X"], does: "Select it" },
			{ keys: ["Shift", "X"], does: "Select up to it" },
			{ keys: ["Mod", "A"], does: "Select all that are loaded" },
			{ keys: ["."], does: "Star it, or take the star away" },
			{ keys: ["Del"], does: "Delete it, or what is selected" },
		],
	},
	{
		place: "Edit",
		shortcuts: [
			{ keys: ["B"], does: "Brush" },
			{ keys: ["E"], does: "Eraser" },
			{ keys: ["L"], does: "Lasso" },
			{ keys: ["R"], does: "Rectangle" },
			{ keys: ["["], does: "Smaller brush" },
			{ keys: ["]"], does: "Larger brush" },
			{ keys: ["Shift", "V"], does: "Invert the mask" },
			{ keys: ["Mod", "Z"], does: "Undo" },
			{ keys: ["Shift", "Mod", "Z"], does: "Redo" },
			{ keys: ["0"], does: "Fit the picture" },
			{ keys: ["+"], does: "Larger" },
			{ keys: ["-"], does: "Smaller" },
			{ keys: ["Space"], does: "Hold and drag: move the picture" },
			{ keys: ["←"], does: "Move the cross on the picture; Shift: farther" },
			{ keys: ["Enter"], does: "Put the tool down at the cross, lift it" },
		],
	},
	{
		place: "Open picture",
		shortcuts: [
			{ keys: ["←"], does: "Picture before" },
			{ keys: ["→"], does: "Picture after" },
			{ keys: ["C"], does: "Compare with the original" },
			{ keys: ["I"], does: "Show or hide the recipe" },
			{ keys: ["."], does: "Star it, or take the star away" },
		],
	},
];

export const isMac: boolean = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A key as people know it on this machine. */
export function keyName(key: string): string {
	if (key === "Mod") return isMac ? "Cmd" : "Ctrl";
	return key === "Alt" && isMac ? "Option" : key;
}

/** Whether a key pressed there is text, so that single letters are not for the page. */
export function isTyping(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
	return target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "file"].includes(target.type);
}
