/** The engine in one WebAssembly instance: networks, trainings and passes, with typed arrays in and out. */
import type { Layer } from "../architecture/layers.ts";
import type { Task, Training } from "../truth.ts";
import { engineLayers, FLOATS, INTEGERS } from "./specs.ts";
import { settingsOf } from "./settings.ts";

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  netlet_message(): number;
  netlet_allocate(bytes: number): number;
  netlet_free(at: number): void;
  netlet_network(input: number, layers: number, count: number, fused: number): number;
  netlet_network_free(network: number): void;
  netlet_parameters(network: number): number;
  netlet_out_size(network: number, layer: number): number;
  netlet_kept_size(network: number, layer: number): number;
  netlet_initialize(network: number, seed: number, weights: number): void;
  netlet_trainer(...numbers: number[]): number;
  netlet_trainer_free(trainer: number): void;
  netlet_trainer_run(trainer: number, batches: number): number;
  netlet_trainer_report(trainer: number): number;
  netlet_trainer_weights(trainer: number): number;
  netlet_trainer_rate(trainer: number, rate: number): void;
  netlet_predict(network: number, loss: number, weights: number, x: number, mask: number, count: number, rows: number): void;
  netlet_outputs(network: number, weights: number, x: number, mask: number, count: number, out: number): void;
  netlet_input_gradients(...numbers: number[]): void;
}

/** The engine has refused; its instance can be used no more. */
export class EngineError extends Error {
  override name = "EngineError";
}

export const LOSSES: Record<Task, number> = { binary: 0, categorical: 1, regression: 2 };

/** A split's numbers as rows. */
export interface Samples {
  x: Float32Array;
  y: Float32Array;
  count: number;
}

/** What one epoch came to. */
export interface Report {
  epoch: number;
  loss: number;
  accuracy: number;
  valLoss: number;
  valAccuracy: number;
  /** The epoch in which it stopped being finite, 0 if it did not. */
  diverged: number;
  /** Batches done of the epoch under way. */
  batch: number;
}

// The library's idea of a console: it has none.
const SYSTEM = { fd_close: () => 0, fd_seek: () => 0, fd_write: () => 0 };

export class Engine {
  private constructor(private readonly wasm: Exports) {}

  static async start(module: WebAssembly.Module): Promise<Engine> {
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: SYSTEM });
    const wasm = instance.exports as unknown as Exports;
    wasm._initialize();
    return new Engine(wasm);
  }

  /** Bytes of memory that the instance holds. */
  get bytes(): number {
    return this.wasm.memory.buffer.byteLength;
  }

  /** Numbers kept in the engine's memory until they are given back. */
  keep(numbers: Float32Array): Kept {
    return new Kept(this, numbers);
  }

  network(inputShape: readonly number[], layers: readonly Layer[], task: Task, fused = true): EngineNetwork {
    return new EngineNetwork(this, inputShape, layers, task, fused);
  }

  /** Calls the engine; whatever it throws becomes an EngineError. */
  call<T>(work: (wasm: Exports) => T): T {
    try {
      return work(this.wasm);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      const at = this.wasm.netlet_message();
      const bytes = new Uint8Array(this.wasm.memory.buffer, at, 1024);
      throw new EngineError(new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0))) || error.message);
    }
  }

  allocate(bytes: number): number {
    const at = this.call((wasm) => wasm.netlet_allocate(Math.max(bytes, 4)));
    if (at === 0) throw new EngineError("there is too little memory: take a smaller network or a smaller batch");
    return at;
  }

  free(at: number): void {
    this.call((wasm) => wasm.netlet_free(at));
  }

  /** A view that is right until memory grows: use it at once. */
  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.wasm.memory.buffer, at, count);
  }
  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.wasm.memory.buffer, at, count);
  }
  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.wasm.memory.buffer, at, count);
  }

  /** Runs with numbers put into memory, which is given back afterwards. */
  with<T>(arrays: (Float32Array | number)[], work: (...at: number[]) => T): T {
    const places = arrays.map((array) => {
      const count = typeof array === "number" ? array : array.length;
      const at = this.allocate(count * 4);
      if (typeof array !== "number") this.floats(at, count).set(array);
      return at;
    });
    try {
      return work(...places);
    } finally {
      places.forEach((at) => this.free(at));
    }
  }
}

/** Numbers in the engine's memory. */
export class Kept {
  readonly at: number;
  readonly length: number;
  constructor(
    private readonly engine: Engine,
    numbers: Float32Array,
  ) {
    this.at = engine.allocate(numbers.length * 4);
    this.length = numbers.length;
    engine.floats(this.at, numbers.length).set(numbers);
  }
  free(): void {
    this.engine.free(this.at);
  }
}

export class EngineNetwork {
  readonly at: number;
  readonly parameters: number;

  constructor(
    private readonly engine: Engine,
    inputShape: readonly number[],
    layers: readonly Layer[],
    readonly task: Task,
    fused: boolean,
  ) {
    const specs = engineLayers(layers, task);
    const input = [...Array<number>(3 - inputShape.length).fill(1), ...inputShape];
    this.at = engine.with([3, specs.length * (INTEGERS + FLOATS)], (inputAt = 0, specsAt = 0) => {
      engine.integers(inputAt, 3).set(input);
      specs.forEach((spec, index) => {
        const at = specsAt + index * (INTEGERS + FLOATS) * 4;
        engine.integers(at, INTEGERS).set(spec.integers);
        engine.floats(at + INTEGERS * 4, FLOATS).set(spec.floats);
      });
      return engine.call((wasm) => wasm.netlet_network(inputAt, specsAt, specs.length, Number(fused)));
    });
    this.parameters = engine.call((wasm) => wasm.netlet_parameters(this.at));
  }

  free(): void {
    this.engine.call((wasm) => wasm.netlet_network_free(this.at));
  }

  /** The weights a training from that seed starts with. */
  initial(seed: number): Float32Array {
    return this.engine.with([this.parameters], (at = 0) => {
      this.engine.call((wasm) => wasm.netlet_initialize(this.at, seed, at));
      return this.engine.floats(at, this.parameters).slice();
    });
  }

  /** Predictions as rows: probabilities, or the outputs themselves for regression. */
  predict(weights: Float32Array, x: Float32Array, count: number): Float32Array {
    const outputs = this.sizes().outputs.at(-1) ?? 1;
    return this.engine.with([weights, x, count * outputs], (weightsAt = 0, xAt = 0, rowsAt = 0) => {
      this.engine.call((wasm) => wasm.netlet_predict(this.at, LOSSES[this.task], weightsAt, xAt, 0, count, rowsAt));
      return this.engine.floats(rowsAt, count * outputs).slice();
    });
  }

  /** Numbers of every engine layer's output, and of what it keeps. */
  sizes(): { outputs: number[]; kept: number[] } {
    const outputs: number[] = [];
    const kept: number[] = [];
    for (let layer = 0; ; layer++) {
      const size = this.engine.call((wasm) => wasm.netlet_out_size(this.at, layer));
      if (size === 0) return { outputs, kept };
      outputs.push(size);
      kept.push(this.engine.call((wasm) => wasm.netlet_kept_size(this.at, layer)));
    }
  }

  /** Every engine layer's output as rows, and what recurrent layers keep. The network must not be fused. */
  outputs(weights: Float32Array, x: Float32Array, count: number): { outputs: Float32Array[]; kept: Float32Array[] } {
    const sizes = this.sizes();
    const all = [...sizes.outputs, ...sizes.kept].map((size) => size * count);
    const total = all.reduce((sum, size) => sum + size, 0);
    return this.engine.with([weights, x, total], (weightsAt = 0, xAt = 0, outAt = 0) => {
      this.engine.call((wasm) => wasm.netlet_outputs(this.at, weightsAt, xAt, 0, count, outAt));
      let at = outAt;
      const parts = all.map((size) => {
        const part = this.engine.floats(at, size).slice();
        at += size * 4;
        return part;
      });
      return { outputs: parts.slice(0, sizes.outputs.length), kept: parts.slice(sizes.outputs.length) };
    });
  }

  /** The gradient, with respect to the input, of the sum of the last layer's outputs (before the task's activation) times dOut. */
  inputGradients(weights: Float32Array, x: Float32Array, dOut: Float32Array, count: number): Float32Array {
    return this.engine.with([weights, x, dOut, x.length], (weightsAt = 0, xAt = 0, dOutAt = 0, dXAt = 0) => {
      this.engine.call((wasm) => wasm.netlet_input_gradients(this.at, weightsAt, xAt, dOutAt, 0, count, dXAt));
      return this.engine.floats(dXAt, x.length).slice();
    });
  }
}

/** Where a split's numbers lie in the engine's memory. */
export interface KeptSamples {
  x: Kept;
  y: Kept;
  count: number;
}

/** One seed's training, a few batches at a time. */
export class Trainer {
  private readonly at: number;

  constructor(
    private readonly engine: Engine,
    private readonly network: EngineNetwork,
    training: Training,
    learned: KeptSamples,
    lookedAt: KeptSamples,
    seed: number,
    weights?: Float32Array,
  ) {
    const settings = settingsOf(training, network.task);
    const settingsAt = engine.allocate(settings.length * 8);
    engine.doubles(settingsAt, settings.length).set(settings);
    const start = weights ? engine.keep(weights) : undefined;
    this.at = engine.call((wasm) =>
      wasm.netlet_trainer(
        network.at,
        settingsAt,
        learned.x.at,
        learned.y.at,
        0,
        learned.count,
        lookedAt.x.at,
        lookedAt.y.at,
        0,
        lookedAt.count,
        seed,
        start?.at ?? 0,
      ),
    );
    engine.free(settingsAt);
    start?.free();
  }

  /** Up to so many batches, but none beyond the epoch's end. Whether an epoch ended. */
  run(batches: number): boolean {
    return this.engine.call((wasm) => wasm.netlet_trainer_run(this.at, batches)) === 1;
  }

  get report(): Report {
    const at = this.engine.call((wasm) => wasm.netlet_trainer_report(this.at));
    const [epoch = 0, loss = 0, accuracy = 0, valLoss = 0, valAccuracy = 0, diverged = 0, batch = 0] =
      this.engine.doubles(at, 7);
    return { epoch, loss, accuracy, valLoss, valAccuracy, diverged, batch };
  }

  get weights(): Float32Array {
    const at = this.engine.call((wasm) => wasm.netlet_trainer_weights(this.at));
    return this.engine.floats(at, this.network.parameters).slice();
  }

  learningRate(rate: number): void {
    this.engine.call((wasm) => wasm.netlet_trainer_rate(this.at, rate));
  }

  free(): void {
    this.engine.call((wasm) => wasm.netlet_trainer_free(this.at));
  }
}
