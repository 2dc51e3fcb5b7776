import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: [
			"server/bin/**/*.test.ts",
			"server/src/**/*.test.ts",
			"server/test/**/*.test.ts",
			"sdk/**/*.test.ts",
			"web/**/*.test.{ts,tsx}",
			"tools/**/*.test.ts",
		],
		// Minutes each: only when files are asked for by name. See tools/test.ts.
		exclude: [...configDefaults.exclude, ...(process.env.GLASSWORKS_LONG_TESTS ? [] : ["**/*.long.test.ts"])],
		testTimeout: 30_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
	},
});
