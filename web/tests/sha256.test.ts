/** The page's SHA-256 is that of everybody else. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../src/sha256.ts";

it.each([0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000])("is Node's for %d bytes", (count) => {
  const bytes = Uint8Array.from({ length: count }, (_, i) => (i * 37 + (i >> 8)) & 255);
  expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
});
