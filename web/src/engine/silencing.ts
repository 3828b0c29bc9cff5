/** Weights with some feature maps or hidden nodes switched off: what they give is 0, whatever comes in. */
import { isRecurrent } from "../architecture/layers.ts";
import type { Model } from "./model.ts";

/** A map of a convolution or a node of a recurrent or hidden dense layer: "layer:number". */
export type Part = `${number}:${number}`;

/** What a bias must be for an activation to give 0. */
const OFF: Partial<Record<string, number>> = { sigmoid: -200, softplus: -200 };

/** Layers whose maps or nodes can be switched off: all with weights but the last. */
export function canSilence(model: Model, layer: number): boolean {
  const last = model.weightShapes.findLastIndex((shapes) => shapes.length > 0);
  return layer < last && (model.weightShapes[layer]?.length ?? 0) > 0;
}

export function silenced(model: Model, weights: Float32Array, parts: ReadonlySet<Part>): Float32Array {
  if (parts.size === 0) return weights;
  const changed = weights.slice();
  for (const part of parts) {
    const [layer = 0, unit = 0] = part.split(":").map(Number);
    const kind = model.layers[layer];
    if (!kind) continue;
    if (isRecurrent(kind)) silenceNode(model, changed, layer, unit);
    else silenceMap(model, changed, layer, unit);
  }
  return changed;
}

function silenceMap(model: Model, weights: Float32Array, layer: number, unit: number): void {
  const [kernel, bias] = model.weightsOf(weights, layer);
  const outputs = (model.shapes[layer] ?? []).at(-1) ?? 1;
  if (kernel) for (let i = unit; i < kernel.length; i += outputs) kernel[i] = 0;
  if (bias) bias[unit] = OFF[String(model.layers[layer]?.args.activation)] ?? 0;
}

/** Nobody listens to the node any more: neither its own layer nor the next with weights. */
function silenceNode(model: Model, weights: Float32Array, layer: number, unit: number): void {
  const recurrent = model.weightsOf(weights, layer)[1];
  const width = model.weightShapes[layer]?.[1]?.[1] ?? 0;
  recurrent?.fill(0, unit * width, (unit + 1) * width);
  const next = model.weightShapes.findIndex((shapes, index) => index > layer && shapes.length > 0);
  const kernel = model.weightsOf(weights, next)[0];
  const sizes = model.weightShapes[next]?.[0] ?? [];
  const columns = sizes.at(-1) ?? 0;
  const rows = sizes.slice(0, -1).reduce((all, size) => all * size, 1);
  const units = model.layers[layer]?.args.units as number;
  // Flattened, or under a kernel of several steps, a node comes once for every step.
  for (let row = unit; row < rows; row += units) kernel?.fill(0, row * columns, (row + 1) * columns);
}
