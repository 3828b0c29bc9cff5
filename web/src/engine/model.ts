/** A resolved architecture on a dataset: its shapes, and every layer's output by the engine's own numbers. */
import { fitted, layerWeightShapes, outputShapes, type Purpose } from "../architecture/fit.ts";
import { isRecurrent, writeLayers, type Layer, type Shape } from "../architecture/layers.ts";
import { applied, undone, type Scaling } from "../data/scaling.ts";
import type { Task } from "../truth.ts";
import type { Engine, EngineNetwork } from "./engine.ts";

const GATES: Record<string, string[]> = {
  gru: ["update", "reset", "candidate"],
  lstm: ["input", "forget", "candidate", "output", "cell"],
};

/** What happens in a recurrent layer: [sample][step][unit], of the gates and of the cell as well. */
export interface Activity {
  layer: number;
  units: number;
  hidden: Float32Array;
  gates: Record<string, Float32Array>;
}

export interface Inside {
  /** Every layer's output as rows; the last is what the network answers. */
  layers: Float32Array[];
  recurrent: Activity[];
}

export interface ModelPurpose extends Omit<Purpose, "name"> {
  name: string;
  task: Task;
  inputScaling?: Scaling | null;
  targetScaling?: Scaling | null;
}

/** One at a time is looked into; whoever comes next takes its place in the engine's memory. */
let opened: { model: Model; engine: Engine; network: EngineNetwork } | undefined;

export class Model {
  readonly shapes: Shape[];
  readonly weightShapes: number[][][];
  readonly parameters: number;

  private constructor(
    readonly layers: Layer[],
    readonly purpose: ModelPurpose,
  ) {
    this.shapes = outputShapes(layers, purpose.inputShape);
    this.weightShapes = layerWeightShapes(layers, purpose.inputShape);
    this.parameters = this.weightShapes.flat().reduce((sum, shape) => sum + shape.reduce((size, n) => size * n, 1), 0);
  }

  /** Throws an ArchitectureError if the layers do not fit. */
  static fit(layers: readonly Layer[], purpose: ModelPurpose): Model {
    return new Model(fitted(layers, purpose), purpose);
  }

  get text(): string {
    return writeLayers(this.layers);
  }

  get inputShape(): number[] {
    return this.purpose.inputShape.map((n) => n ?? 1);
  }

  /** Where the weights of a layer lie among all: an array for each of its weights. */
  weightsOf(flat: Float32Array, layer: number): Float32Array[] {
    let at = 0;
    for (let index = 0; index <= layer; index++) {
      const parts: Float32Array[] = [];
      for (const shape of this.weightShapes[index] ?? []) {
        const size = shape.reduce((product, n) => product * n, 1);
        parts.push(flat.subarray(at, at + size));
        at += size;
      }
      if (index === layer) return parts;
    }
    return [];
  }

  /** An engine network in which every layer's output can be seen. */
  private open(engine: Engine): EngineNetwork {
    if (opened?.model !== this || opened.engine !== engine) {
      if (opened?.engine === engine) opened.network.free();
      const network = engine.network(this.inputShape, this.layers, this.purpose.task, false);
      opened = { model: this, engine, network };
    }
    return opened.network;
  }

  predict(engine: Engine, weights: Float32Array, x: Float32Array, count: number): Float32Array {
    return this.answer(this.open(engine).predict(weights, this.scaled(x), count));
  }

  inputGradients(engine: Engine, weights: Float32Array, x: Float32Array, dOut: Float32Array, count: number): Float32Array {
    return this.open(engine).inputGradients(weights, this.scaled(x), dOut, count);
  }

  /** Inputs as the first layer gets them. */
  scaled(x: Float32Array): Float32Array {
    return applied(this.purpose.inputScaling, x);
  }

  /** What the last layer gives, in the targets' own units. */
  private answer(rows: Float32Array): Float32Array {
    return this.purpose.task === "regression" ? undone(this.purpose.targetScaling, rows) : rows;
  }

  outputs(engine: Engine, weights: Float32Array, raw: Float32Array, count: number): Inside {
    const network = this.open(engine);
    const x = this.scaled(raw);
    const computed = network.outputs(weights, x, count);
    const layers: Float32Array[] = [];
    const recurrent: Activity[] = [];
    let at = 0;
    this.layers.forEach((layer, index) => {
      if (layer.kind === "flatten") {
        layers.push(layers.at(-1) ?? x);
        return;
      }
      const rows = computed.outputs[at] ?? new Float32Array();
      const kept = computed.kept[at] ?? new Float32Array();
      at += 1;
      if (!isRecurrent(layer)) {
        layers.push(rows);
        return;
      }
      recurrent.push(activity(layer, index, rows, kept));
      // The engine takes the last step in a layer of its own.
      layers.push(layer.args.return_sequences ? rows : (computed.outputs[at++] ?? rows));
    });
    layers[layers.length - 1] = this.purpose.task === "regression" ? this.answer(layers.at(-1) ?? x) : network.predict(weights, x, count);
    return { layers, recurrent };
  }
}

/** The kept numbers of a step are gate after gate; here they come a gate at a time. */
function activity(layer: Layer, index: number, hidden: Float32Array, kept: Float32Array): Activity {
  const units = layer.args.units as number;
  const places = hidden.length / units;
  const kinds = kept.length / (places * units);
  const gates: Record<string, Float32Array> = {};
  (GATES[layer.kind] ?? []).forEach((name, kind) => {
    const rows = new Float32Array(places * units);
    for (let place = 0; place < places; place++)
      for (let unit = 0; unit < units; unit++)
        rows[place * units + unit] = kept[(place * kinds + kind) * units + unit] ?? 0;
    gates[name] = rows;
  });
  return { layer: index, units, hidden, gates };
}
