/** Node's tests, and (`npm run browser`) those in Chromium. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: process.env.NETLET_BROWSER ? ["browser/**/*.test.ts"] : ["tests/**/*.test.ts"],
    testTimeout: process.env.NETLET_BROWSER ? 240_000 : 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
