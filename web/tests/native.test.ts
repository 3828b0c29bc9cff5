/** Data and trainings (tests/web/trainings.py): the page's are Python's to the bit. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { readLayers } from "../src/architecture/text.ts";
import { load, type Dataset, type Split } from "../src/data/dataset.ts";
import { Engine, EngineError, Trainer } from "../src/engine/engine.ts";
import { Model } from "../src/engine/model.ts";
import { truth, type SplitName, type Training } from "../src/truth.ts";

interface Native {
  runs: {
    dataset: string;
    architecture: string;
    changes: Partial<Training>;
    seed: number;
    weights: string;
    loss: number[];
    val_loss: number[];
    predictions: string;
    outputs: string[];
  }[];
  data: Record<string, Record<string, [string, string]>>;
}

const path = process.env.NETLET_TRAININGS;
const native = path ? (JSON.parse(readFileSync(path, "utf-8")) as Native) : undefined;
const generated = (name: string) => new URL(`../generated/${name}`, import.meta.url);

const sha = (numbers: Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest("hex");

const loaded = new Map<string, Dataset>();
function dataset(name: string): Dataset {
  const found =
    loaded.get(name) ??
    load(name, name.startsWith("pulses") ? undefined : inflateRawSync(readFileSync(generated(`${name}.bin`))));
  loaded.set(name, found);
  return found;
}

function split(data: Dataset, name: SplitName): Split {
  const found = data.splits[name];
  if (!found) throw new Error(`${data.name} has no ${name} split`);
  return found;
}

describe.skipIf(!native)("the engine in WebAssembly", () => {
  let module: WebAssembly.Module;
  beforeAll(() => {
    module = new WebAssembly.Module(readFileSync(generated("engine.wasm")));
  });

  it.each(Object.entries(native?.data ?? {}))("has the numbers of %s", (name, splits) => {
    for (const [splitName, [x, y]] of Object.entries(splits)) {
      const found = split(dataset(name), splitName as SplitName);
      expect([sha(found.x), sha(found.y)], splitName).toEqual([x, y]);
    }
  });

  it.each(native?.runs ?? [])("trains $architecture on $dataset from seed $seed to the same weights", async (run) => {
    const data = dataset(run.dataset);
    const engine = await Engine.start(module);
    const model = Model.fit(readLayers(run.architecture), data);
    const network = engine.network(data.inputShape, model.layers, data.task);
    const [learned, looked] = (["training", "validation"] as const).map((name) => {
      const found = split(data, name);
      return { x: engine.keep(found.x), y: engine.keep(found.y), count: found.count };
    });
    if (!learned || !looked) throw new Error("no data");
    const training = { ...truth.datasets[run.dataset]?.training, ...run.changes } as Training;
    const trainer = new Trainer(engine, network, training, learned, looked, run.seed);
    const losses: number[] = [];
    const valLosses: number[] = [];
    for (let epoch = 0; epoch < training.epochs; epoch++) {
      while (!trainer.run(7)); // in pieces, which must not matter
      losses.push(trainer.report.loss);
      valLosses.push(trainer.report.valLoss);
    }
    const weights = trainer.weights;
    expect(sha(weights)).toBe(run.weights);
    // Sums of doubles whose logarithms come from another library: the same but for their last digits.
    losses.forEach((loss, i) => expect(loss).toBeCloseTo(run.loss[i] ?? NaN, 12));
    valLosses.forEach((loss, i) => expect(loss).toBeCloseTo(run.val_loss[i] ?? NaN, 12));

    const { x } = split(data, "validation");
    const numbers = x.length / split(data, "validation").count;
    expect(sha(network.predict(weights, x.slice(0, 50 * numbers), 50))).toBe(run.predictions);
    const inside = model.outputs(engine, weights, x.slice(0, 20 * numbers), 20);
    expect(inside.layers.slice(0, -1).map(sha)).toEqual(run.outputs);
  });

  it("says why it refuses, in the engine's own words", async () => {
    const engine = await Engine.start(module);
    expect(() => engine.network([2, 2, 1], readLayers("conv(3, 5)"), "binary")).toThrow(
      new EngineError("a window is larger than what it slides over"),
    );
  });
});
