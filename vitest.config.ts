import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts"],
		// Each test file starts threads of its own; more files at once than cores would only wait.
		maxWorkers: 2,
		testTimeout: 60_000,
	},
});
