// Runs before the first paint, so that a light page never flashes dark. A file of its own because the page's policy forbids inline scripts.
(() => {
	let theme = null;
	try {
		theme = localStorage.getItem("glassworks.theme");
	} catch {
		// Storage may be switched off: the default stands.
	}
	document.documentElement.dataset.theme = theme === "light" ? "light" : "dark";
})();
