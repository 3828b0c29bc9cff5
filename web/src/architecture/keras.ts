/** Python source that builds the same keras.Sequential, and Keras's summary of it. */
import type { Argument } from "./arguments.ts";
import { layerWeightShapes, outputShapes, withActivations, withSequences } from "./fit.ts";
import { known, type Layer, type Shape } from "./layers.ts";
import { floatText, grouped } from "./python.ts";

function tuple(sizes: Shape): string {
  const written = sizes.map((n) => (n === null ? "None" : String(n)));
  return written.length === 1 ? `(${written[0]},)` : `(${written.join(", ")})`;
}

function literal(name: string, value: Argument): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return tuple(value);
  if (value === null) return "None";
  return ["rate", "momentum", "epsilon"].includes(name) ? floatText(value) : String(value);
}

/** The constructor's call with every argument that is not Keras's default. */
function call(layer: Layer): string {
  const kind = known(layer.kind);
  const written: string[] = [];
  for (const field of kind.fields) {
    const value = layer.args[field.name] ?? null;
    const usual = Object.hasOwn(kind.kerasDefaults, field.name) ? kind.kerasDefaults[field.name] : field.default;
    if (field.required) written.push(literal(field.name, value));
    else if (JSON.stringify(value) !== JSON.stringify(usual) || field.name.endsWith("_size"))
      written.push(`${kind.kerasArguments[field.name] ?? field.name}=${literal(field.name, value)}`);
  }
  return `${kind.keras}(${written.join(", ")})`;
}

/** Source whose `model` is the network. */
export function kerasCode(layers: readonly Layer[], inputShape: Shape): string {
  const settled = withActivations(withSequences(layers, false), "linear");
  outputShapes(settled, inputShape);
  return [
    "import keras",
    "from keras import layers",
    "",
    "model = keras.Sequential(",
    "    [",
    `        keras.Input(shape=${tuple(inputShape)}),`,
    ...settled.map((layer) => `        layers.${call(layer)},`),
    "    ]",
    ")",
    "",
  ].join("\n");
}

/** Keras's table as plain text: layer (type), output shape, parameters, totals. */
export function summary(given: readonly Layer[], inputShape: Shape): string {
  const layers = withSequences(given, false);
  const shapes = outputShapes(layers, inputShape);
  const numbers = (weights: number[][]) =>
    weights.reduce((sum, shape) => sum + shape.reduce((size, n) => size * n, 1), 0);
  const weights = layerWeightShapes(layers, inputShape);
  const counts = weights.map(numbers);
  const used = new Map<string, number>();
  const rows = layers.map((layer, index) => {
    const keras = known(layer.kind).keras;
    const name = keras.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
    const before = used.get(name) ?? 0;
    used.set(name, before + 1);
    return [
      `${before ? `${name}_${before}` : name} (${keras})`,
      tuple([null, ...(shapes[index] as Shape)]),
      grouped(counts[index] ?? 0),
    ] as const;
  });
  const heading = ["Layer (type)", "Output Shape", "Param #"] as const;
  const width = (column: 0 | 1 | 2) => Math.max(...[heading, ...rows].map((row) => row[column].length));
  const widths = [width(0), width(1), width(2)] as const;
  const lines = [heading, ...rows].map(
    (row) => `${row[0].padEnd(widths[0])}   ${row[1].padEnd(widths[1])}   ${row[2].padStart(widths[2])}`,
  );
  const wide = (lines[0] ?? "").length;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const averages = layers.flatMap((layer, index) => {
    const kept = weights[index] ?? [];
    return kept.slice(kept.length - known(layer.kind).averages);
  });
  const still = numbers(averages);
  lines.splice(1, 0, "=".repeat(wide));
  return [
    ...lines,
    "-".repeat(wide),
    `Total params: ${grouped(total)} (${grouped(total * 4)} bytes)`,
    `Trainable params: ${grouped(total - still)}`,
    `Non-trainable params: ${grouped(still)}`,
  ].join("\n");
}
