/** Layers as the engine is told of them (WrittenLayer in engine/web/web.cpp). */
import type { Argument } from "../architecture/arguments.ts";
import type { Layer } from "../architecture/layers.ts";
import type { Task } from "../truth.ts";

/** Whole numbers of a layer; floats follow. */
export const INTEGERS = 17;
export const FLOATS = 3;

const KINDS = [
  "conv",
  "depthwiseconv",
  "maxpool",
  "avgpool",
  "globalmaxpool",
  "globalavgpool",
  "flatten",
  "dense",
  "dropout",
  "activation",
  "rnn",
  "gru",
  "lstm",
  "batchnorm",
  "conv1d",
  "maxpool1d",
  "avgpool1d",
  "globalmaxpool1d",
  "globalavgpool1d",
  "layernorm",
];
const ACTIVATIONS = ["linear", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "elu"];
const INITIALIZERS = ["zeros", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "orthogonal"];

interface Spec {
  integers: number[];
  floats: number[];
}

function place(words: string[], word: unknown, otherwise: string): number {
  const found = words.indexOf(typeof word === "string" ? word : otherwise);
  if (found < 0) throw new Error(`the engine has no ${String(word)}`);
  return found;
}

/** Height and width; a length of steps is that of one row. */
function pair(size: Argument): [number, number] {
  return Array.isArray(size) ? size : [1, Number(size)];
}

function spec(layer: Layer, isHead: boolean): Spec {
  const { args } = layer;
  const window = pair(args.kernel_size ?? args.pool_size ?? 1);
  const strides = args.strides ? pair(args.strides) : args.pool_size ? window : [1, 1];
  const activation = isHead ? "linear" : (args.activation ?? args.function ?? null);
  return {
    integers: [
      place(KINDS, layer.kind, ""),
      Number(args.filters ?? args.units ?? args.depth_multiplier ?? 0),
      ...window,
      ...strides,
      Number(args.padding === "same"),
      place(ACTIVATIONS, activation, "linear"),
      Number(args.use_bias ?? args.center ?? true),
      place(INITIALIZERS, args.kernel_initializer, "glorot_uniform"),
      place(ACTIVATIONS, args.recurrent_activation, "sigmoid"),
      place(INITIALIZERS, args.recurrent_initializer, "orthogonal"),
      Number(args.reset_after ?? true),
      Number(args.unit_forget_bias ?? true),
      Number(args.return_sequences ?? true),
      Number(args.scale ?? true),
      Number(args.padding === "causal"),
    ],
    floats: [Number(args.rate ?? 0), Number(args.momentum ?? 0), Number(args.epsilon ?? 0)],
  };
}

/** Resolved layers; the last activation of a classifier is left out, since losses are computed from logits. */
export function engineLayers(layers: readonly Layer[], task: Task): Spec[] {
  const isActive = (layer: Layer) => "activation" in layer.args || "function" in layer.args;
  const head = task === "regression" ? -1 : layers.findLastIndex(isActive);
  const specs = layers.map((layer, index) => spec(layer, index === head));
  const computes = layers.some((layer) => layer.kind !== "flatten");
  if (computes) return specs;
  return [...specs, spec({ kind: "activation", args: { function: "linear" } }, false)];
}
