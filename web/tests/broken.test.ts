/** Files that are broken in two hundred ways: each is refused in one line, or read as what is left of it. */
import { zipSync } from "fflate";
import { expect, it } from "vitest";
import { readNetworkFile } from "../src/data/network-file.ts";
import { FileProblem, writeNpy, writeText } from "../src/data/npy.ts";
import { readOwn } from "../src/data/own/read.ts";
import { Random } from "../src/data/random.ts";

const random = new Random(5, 0);
const below = (n: number) => Math.floor(random.uniform() * n);

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(0, random.uniform() < 0.4 ? below(bytes.length) : bytes.length);
  for (let i = below(6); i >= 0; i--) if (copy.length) copy[below(copy.length)] = below(256);
  return copy;
}

const head = {
  format: 2,
  architecture: "dense(1, activation=sigmoid)",
  input_shape: [2],
  task: "binary",
  class_names: ["a", "b"],
  about: {},
};
const network = zipSync({
  "head.npy": writeText(JSON.stringify(head)),
  "weight_000.npy": writeNpy(Float32Array.of(1, 2), [2, 1]),
  "weight_001.npy": writeNpy(Float32Array.of(3), [1]),
});
const arrays = zipSync({
  "x.npy": writeNpy(Float32Array.from({ length: 60 }, (_, i) => i), [30, 2]),
  "y.npy": writeNpy(Float32Array.from({ length: 30 }, (_, i) => i % 2), [30]),
});
const table = new TextEncoder().encode(
  "a,b,c\n" + Array.from({ length: 30 }, (_, i) => `${i},${i * i},${i % 3}`).join("\n"),
);

it("reads them where they are whole", async () => {
  expect([...readNetworkFile(network, "it").weights]).toEqual([1, 2, 3]);
  expect((await readOwn([{ path: "x.npz", bytes: arrays }])).task).toBe("binary");
  expect((await readOwn([{ path: "x.csv", bytes: table }])).classNames).toEqual(["0", "1", "2"]);
});

it.each(["network", "arrays", "table"] as const)("refuses damage to a file of %s in one line", async (kind) => {
  let refused = 0;
  for (let tried = 0; tried < 100; tried++) {
    try {
      if (kind === "network") readNetworkFile(damaged(network), "it.netlet");
      else if (kind === "arrays") await readOwn([{ path: "it.npz", bytes: damaged(arrays) }]);
      else await readOwn([{ path: "it.csv", bytes: damaged(table) }]);
    } catch (error) {
      refused += 1;
      expect(error).toBeInstanceOf(FileProblem);
      expect((error as Error).message).not.toMatch(/\n|undefined|NaN|\[object/);
    }
  }
  expect(refused).toBeGreaterThan(20);
});
