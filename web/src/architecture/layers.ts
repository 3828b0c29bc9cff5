/** Layers: their arguments, the shape each gives and the shapes of its weights (Keras's formulas). */
import { truth, type LayerTruth } from "../truth.ts";
import { ArchitectureError, type Argument } from "./arguments.ts";
import { floatText } from "./python.ts";

/** Without the batch: an image (height, width, channels), a sequence (steps, channels; steps null if open), a vector. */
export type Shape = (number | null)[];

export const VECTOR = 1;
export const SEQUENCE = 2;
export const IMAGE = 3;

/** A layer without weights: its kind by netlet's name, and every argument. */
export interface Layer {
  readonly kind: string;
  readonly args: Readonly<Record<string, Argument>>;
}

export function known(kind: string): LayerTruth {
  const found = truth.layers[kind];
  if (!found) throw new Error(`there is no layer called ${kind}`);
  return found;
}

export const isRecurrent = (layer: Layer): boolean => known(layer.kind).gates > 0;
/** Layers whose activation is applied to what their weights give, and could as well be a layer of its own. */
export const isWeighted = (layer: Layer): boolean => !isRecurrent(layer) && "activation" in layer.args;

/** A layer with its defaults; strides that equal a pool are kept as null, so that equal layers are equal. */
export function makeLayer(kind: string, given: Record<string, Argument>): Layer {
  const args: Record<string, Argument> = {};
  for (const field of known(kind).fields) args[field.name] = given[field.name] ?? ((field.default ?? null) as Argument);
  if ("pool_size" in args && args.strides && String(args.strides) === String(args.pool_size)) args.strides = null;
  return { kind, args };
}

export function withArgs(layer: Layer, changes: Record<string, Argument>): Layer {
  return { kind: layer.kind, args: { ...layer.args, ...changes } };
}

export function size(layer: Layer, name: string): [number, number] {
  return layer.args[name] as [number, number];
}

export function count(layer: Layer, name: string): number {
  return layer.args[name] as number;
}

/** How many steps are left after a window has moved over them; null if their number is open. */
function slideSteps(steps: number | null, window: number, stride: number, padding: Argument, what: string) {
  if (steps === null) return null;
  if (padding !== "valid") return Math.ceil(steps / stride);
  if (window > steps)
    throw new ArchitectureError(
      `has a ${what} of ${window}, longer than the ${steps} steps it is given: ` +
        `take a smaller ${what} or padding=same`,
    );
  return Math.floor((steps - window) / stride) + 1;
}

/** Height and width after a window has moved over an image. */
function slide(shape: Shape, window: [number, number], strides: [number, number], padding: Argument, what: string) {
  const [height, width] = shape as [number, number];
  if (padding === "same") return [Math.ceil(height / strides[0]), Math.ceil(width / strides[1])];
  if (window[0] > height || window[1] > width)
    throw new ArchitectureError(
      `has a ${what} of ${window[0]}x${window[1]}, larger than the ${height}x${width} image it is given: ` +
        `take a smaller ${what} or padding=same`,
    );
  return [Math.floor((height - window[0]) / strides[0]) + 1, Math.floor((width - window[1]) / strides[1]) + 1];
}

function channels(shape: Shape): number {
  return shape[shape.length - 1] as number;
}

/** The shape a layer gives for an input of a kind that it takes. */
export function outputShape(layer: Layer, shape: Shape): Shape {
  const args = layer.args;
  switch (layer.kind) {
    case "conv":
    case "depthwiseconv": {
      const slid = slide(shape, size(layer, "kernel_size"), size(layer, "strides"), args.padding ?? null, "kernel");
      const out = layer.kind === "conv" ? count(layer, "filters") : channels(shape) * count(layer, "depth_multiplier");
      return [...slid, out];
    }
    case "maxpool":
    case "avgpool": {
      const pool = size(layer, "pool_size");
      const strides = args.strides ? size(layer, "strides") : pool;
      return [...slide(shape, pool, strides, args.padding ?? null, "pool"), channels(shape)];
    }
    case "conv1d": {
      const padding = args.padding ?? null;
      const kernel = count(layer, "kernel_size");
      return [
        slideSteps(shape[0] ?? null, kernel, count(layer, "strides"), padding, "kernel"),
        count(layer, "filters"),
      ];
    }
    case "maxpool1d":
    case "avgpool1d": {
      const pool = count(layer, "pool_size");
      const strides = args.strides ? count(layer, "strides") : pool;
      return [slideSteps(shape[0] ?? null, pool, strides, args.padding ?? null, "pool"), channels(shape)];
    }
    case "globalmaxpool":
    case "globalavgpool":
    case "globalmaxpool1d":
    case "globalavgpool1d":
      return [channels(shape)];
    case "flatten":
      if (shape.includes(null))
        throw new ArchitectureError(
          "cannot take a sequence whose length is open: let the recurrent layer before it keep only its last step " +
            "(return_sequences=false) instead",
        );
      return [shape.reduce<number>((product, n) => product * (n ?? 1), 1)];
    case "dense":
      return [...shape.slice(0, -1), count(layer, "units")];
    case "rnn":
    case "gru":
    case "lstm":
      return args.return_sequences ? [shape[0] ?? null, count(layer, "units")] : [count(layer, "units")];
    default:
      return shape;
  }
}

/** The shapes of a layer's weights, in Keras's order, for an input of that shape. */
export function weightShapes(layer: Layer, shape: Shape): number[][] {
  const bias = (...sizes: number[]) => (layer.args.use_bias ? [sizes] : []);
  switch (layer.kind) {
    case "conv": {
      const filters = count(layer, "filters");
      return [[...size(layer, "kernel_size"), channels(shape), filters], ...bias(filters)];
    }
    case "conv1d": {
      const filters = count(layer, "filters");
      return [[count(layer, "kernel_size"), channels(shape), filters], ...bias(filters)];
    }
    case "depthwiseconv": {
      const times = count(layer, "depth_multiplier");
      return [[...size(layer, "kernel_size"), channels(shape), times], ...bias(channels(shape) * times)];
    }
    case "dense": {
      const units = count(layer, "units");
      return [[channels(shape), units], ...bias(units)];
    }
    case "batchnorm": {
      const weights = Number(layer.args.scale) + Number(layer.args.center) + 2;
      return Array.from({ length: weights }, () => [channels(shape)]);
    }
    case "layernorm": {
      const weights = Number(layer.args.scale) + Number(layer.args.center);
      return Array.from({ length: weights }, () => [channels(shape)]);
    }
    case "rnn":
    case "gru":
    case "lstm": {
      const units = count(layer, "units");
      const width = known(layer.kind).gates * units;
      const kernels = [
        [channels(shape), width],
        [units, width],
      ];
      return [...kernels, ...(layer.kind === "gru" && layer.args.reset_after ? bias(2, width) : bias(width))];
    }
    default:
      return [];
  }
}

function writeValue(argument: string, value: Argument): string {
  if (Array.isArray(value)) {
    const [height, width] = value;
    return height === width && argument !== "kernel_size" ? String(height) : `${height}x${width}`;
  }
  if (["rate", "momentum", "epsilon"].includes(argument)) return floatText(value as number);
  return String(value);
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The canonical text of one layer, such as `conv(4, 3x3, padding=same)`. */
export function writeLayer(layer: Layer): string {
  const written: string[] = [];
  for (const field of known(layer.kind).fields) {
    const value = layer.args[field.name] ?? null;
    if (field.required || field.name === "kernel_size" || field.name === "pool_size")
      written.push(writeValue(field.name, value));
    else if (!isSame(value, field.default)) written.push(`${field.name}=${writeValue(field.name, value)}`);
  }
  return written.length ? `${layer.kind}(${written.join(", ")})` : layer.kind;
}

export function writeLayers(layers: readonly Layer[]): string {
  return layers.map(writeLayer).join(" - ");
}
