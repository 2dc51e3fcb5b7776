import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
	plugins: [react(), tailwindcss()],
	build: {
		target: "es2022",
		// Nothing may be inlined: the page is served under a policy without 'unsafe-inline', and pictures only from the server or `data:`.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
	server: { proxy: { "/api": "http://127.0.0.1:4000", "/files": "http://127.0.0.1:4000" } },
});
