/** The formula that a network amounts to, as text: netlet/inspect/formula.py in TypeScript, whose notation it is. */
import { isRecurrent, size, type Layer } from "../architecture/layers.ts";
import { general } from "../architecture/python.ts";
import type { Model } from "../engine/model.ts";
import { recurrentLines } from "./recurrent-formula.ts";

/** Names of layers; i, j and t count places, x and y are input and answer, p and s are taken too. */
const LETTERS = "abcdefghklmnoq";
const DIGITS = 3;

/** What a layer gives, by name: of maps, of nodes at every step, or (size is empty) of single numbers. */
export interface Numbers {
  names: string[];
  size: number[];
}

export interface Formula {
  lines: string[];
  /** What each layer gives, by the names that stand in the lines. */
  layers: Numbers[];
}

/** Null if there is no formula for one of its layers, or it has more of them than there are letters. */
export function formula(model: Model, weights: Float32Array): Formula | null {
  const writer = new Writer(model, weights);
  return writer.write() ? { lines: writer.lines, layers: writer.layers } : null;
}

const placeOf = ({ size }: Numbers) => ["", "[t]", "[i, j]"][size.length] ?? "";

function everywhere({ size }: Numbers): string {
  const letters = ["", "t", "ij"][size.length] ?? "";
  const ranges = size.map((count, k) => `${letters[k] ?? ""} in 0..${count - 1}`);
  return ranges.length ? `  for ${ranges.join(", ")}` : "";
}

export const numberText = (value: number) => general(value, DIGITS);

/** Weights times names, one after the other. */
export function sum(terms: [number, string][], bias: number | null): string {
  let text = "";
  for (const [weight, name] of [...terms.map(([w, n]): [number, string] => [w, `*${n}`]), ...(bias === null ? [] : [[bias, ""] as [number, string]])]) {
    const sign = weight < 0 ? "-" : text ? "+" : "";
    const space = text ? " " : "";
    text += `${space}${sign}${space}${numberText(Math.abs(weight))}${name}`;
  }
  return text || "0";
}

export const activated = (activation: unknown, text: string): string =>
  typeof activation !== "string" || activation === "linear" ? text : `${activation}(${text})`;

class Writer {
  readonly lines: string[] = [];
  readonly layers: Numbers[] = [];
  private used = 0;

  constructor(
    private readonly model: Model,
    private readonly weights: Float32Array,
  ) {}

  write(): boolean {
    const [channels = 1] = this.model.inputShape.slice(-1);
    let now: Numbers = {
      names: channels === 1 ? ["x"] : Array.from({ length: channels }, (_, k) => `x${k + 1}`),
      size: this.model.inputShape.slice(0, -1),
    };
    now = this.scaledInput(now);
    for (const [index, layer] of this.model.layers.entries()) {
      const next = this.layer(layer, index, now);
      if (!next || this.used > LETTERS.length) return false;
      this.layers.push(next);
      now = next;
    }
    this.answer(now);
    return true;
  }

  private answer(last: Numbers): void {
    const place = placeOf(last);
    const names = last.names.map((name) => name + place);
    const { task } = this.model.purpose;
    if (task === "categorical") this.line(`p${place} = softmax(${names.join(", ")})`, last);
    else if (task === "binary") this.line(`p${place} = sigmoid(${names[0] ?? ""})`, last);
    else names.forEach((name, k) => this.line(`${names.length === 1 ? "y" : `y${k + 1}`}${place} = ${this.unscaled(name, k)}`, last));
  }

  private scaledInput(given: Numbers): Numbers {
    const scaling = this.model.purpose.inputScaling;
    if (!scaling) return given;
    const scaled = { names: given.names.map((name) => name.replace("x", "u")), size: given.size };
    scaled.names.forEach((name, k) => {
      const text = `(${given.names[k] ?? ""}${placeOf(given)} - ${numberText(scaling.offset[k] ?? 0)})/${numberText(scaling.scale[k] ?? 1)}`;
      this.line(`${name}${placeOf(given)} = ${text.replace("- -", "+ ")}`, given);
    });
    return scaled;
  }

  private unscaled(name: string, output: number): string {
    const scaling = this.model.purpose.targetScaling;
    return scaling ? `${numberText(scaling.offset[output] ?? 0)} + ${numberText(scaling.scale[output] ?? 1)}*${name}` : name;
  }

  private layer(layer: Layer, index: number, now: Numbers): Numbers | null {
    const weights = this.model.weightsOf(this.weights, index);
    switch (layer.kind) {
      case "conv":
      case "depthwiseconv":
        return this.conv(layer, index, weights, now);
      case "maxpool":
      case "avgpool":
        return this.pool(layer, index, now);
      case "globalmaxpool":
      case "globalavgpool":
        return this.globalPool(layer, now);
      case "flatten":
        return flat(now);
      case "dense":
        return this.dense(layer, weights, now);
      case "batchnorm":
        return this.batchNorm(layer, weights, now);
      case "dropout":
        return now;
      case "activation":
        return this.activation(layer, now);
      default:
        return isRecurrent(layer) ? this.recurrent(layer, index, weights, now) : null;
    }
  }

  private activation(layer: Layer, now: Numbers): Numbers {
    const name = String(layer.args.function);
    if (name === "softmax" || name === "linear" || this.isHead(layer)) return now;
    const found = this.next(now.names.length, now.size);
    found.names.forEach((given, k) => this.line(`${given}${placeOf(now)} = ${name}(${now.names[k] ?? ""}${placeOf(now)})`, now));
    return found;
  }

  private conv(layer: Layer, index: number, [kernel, bias]: Float32Array[], now: Numbers): Numbers | null {
    const shape = this.model.weightShapes[index]?.[0] ?? [];
    if (shape.length !== 4 || now.size.length !== 2) return null;
    const [high = 1, wide = 1, channels = 1, last = 1] = shape;
    const isDepthwise = layer.kind === "depthwiseconv";
    const found = this.next(isDepthwise ? channels * last : last, this.sizeAfter(index));
    const [rows, columns] = places(now.size, size(layer, "kernel_size"), size(layer, "strides"), layer.args.padding);
    found.names.forEach((name, unit) => {
      const terms: [number, string][] = [];
      for (const c of isDepthwise ? [Math.floor(unit / last)] : Array(channels).keys())
        for (let m = 0; m < high; m++)
          for (let n = 0; n < wide; n++)
            terms.push([kernel?.[((m * wide + n) * channels + c) * last + (unit % last)] ?? 0, `${now.names[c] ?? ""}[${rows(m)}, ${columns(n)}]`]);
      this.line(`${name}[i, j] = ${activated(layer.args.activation, sum(terms, bias?.[unit] ?? null))}`, found);
    });
    return found;
  }

  private pool(layer: Layer, index: number, now: Numbers): Numbers | null {
    if (now.size.length !== 2) return null;
    const found = this.next(now.names.length, this.sizeAfter(index));
    const window = size(layer, "pool_size");
    const [rows, columns] = places(now.size, window, layer.args.strides ? size(layer, "strides") : window, layer.args.padding);
    const what = layer.kind === "maxpool" ? "max" : "mean";
    const windows = window.map((count, k) => `${"mn"[k] ?? ""} in 0..${count - 1}`).join(", ");
    found.names.forEach((name, k) =>
      this.line(`${name}[i, j] = ${what}(${now.names[k] ?? ""}[${rows("m")}, ${columns("n")}] for ${windows})`, found),
    );
    return found;
  }

  private globalPool(layer: Layer, now: Numbers): Numbers | null {
    if (now.size.length !== 2) return null;
    const found = this.next(now.names.length, []);
    const what = layer.kind === "globalmaxpool" ? "max" : "mean";
    found.names.forEach((name, k) => this.line(`${name} = ${what}(${now.names[k] ?? ""}[i, j]${everywhere(now).slice(1)})`, found));
    return found;
  }

  private dense(layer: Layer, [kernel, bias]: Float32Array[], now: Numbers): Numbers {
    const units = layer.args.units as number;
    const found = this.next(units, now.size);
    const activation = this.isHead(layer) ? null : layer.args.activation;
    found.names.forEach((name, unit) => {
      const terms = now.names.map((before, k): [number, string] => [kernel?.[k * units + unit] ?? 0, before + placeOf(now)]);
      this.line(`${name}${placeOf(now)} = ${activated(activation, sum(terms, bias?.[unit] ?? null))}`, found);
    });
    return found;
  }

  private batchNorm(layer: Layer, weights: Float32Array[], now: Numbers): Numbers {
    const found = this.next(now.names.length, now.size);
    const [mean, variance] = weights.slice(-2);
    const gamma = layer.args.scale ? weights[0] : undefined;
    const beta = layer.args.center ? weights.at(-3) : undefined;
    found.names.forEach((name, unit) => {
      const scale = (gamma?.[unit] ?? 1) / Math.sqrt((variance?.[unit] ?? 1) + Number(layer.args.epsilon));
      const shift = (beta?.[unit] ?? 0) - (mean?.[unit] ?? 0) * scale;
      this.line(`${name}${placeOf(now)} = ${sum([[scale, (now.names[unit] ?? "") + placeOf(now)]], shift)}`, found);
    });
    return found;
  }

  private recurrent(layer: Layer, index: number, weights: Float32Array[], now: Numbers): Numbers {
    const found = this.next(layer.args.units as number, now.size);
    const shapes = this.model.weightShapes[index] ?? [];
    for (const text of recurrentLines(layer, weights, shapes, now.names, found.names)) this.line(text, found);
    if (layer.args.return_sequences) return found;
    return { names: found.names.map((name) => `${name}[${(now.size[0] ?? 1) - 1}]`), size: [] };
  }

  private line(text: string, where: Numbers): void {
    const place = placeOf(where);
    this.lines.push(text + (place && text.includes(place) ? everywhere(where) : ""));
  }

  private next(count: number, size: number[]): Numbers {
    const letter = LETTERS[this.used++] ?? "?";
    return { names: Array.from({ length: count }, (_, k) => `${letter}${k + 1}`), size };
  }

  private sizeAfter = (index: number) => (this.model.shapes[index] ?? []).slice(0, -1).map((n) => n ?? 0);

  /** Whether it is the last layer of a classifier, whose activation is in the line of the answer. */
  private isHead(layer: Layer): boolean {
    const last = this.model.layers.findLast(({ kind }) => kind !== "dropout" && kind !== "flatten");
    return layer === last && this.model.purpose.task !== "regression";
  }
}

function flat(now: Numbers): Numbers {
  if (!now.size.length) return now;
  const [rows = 1, columns] = now.size;
  const at = (row: number): string[] => (columns === undefined ? [`${row}`] : Array.from({ length: columns }, (_, k) => `${row}, ${k}`));
  const all = Array.from({ length: rows }, (_, row) => at(row)).flat();
  return { names: all.flatMap((place) => now.names.map((name) => `${name}[${place}]`)), size: [] };
}

type Along = (place: number | string) => string;

/** How the rows, and the columns, under a window are written, by their place in the window. */
function places(sizes: number[], window: number[], strides: number[], padding: unknown): [Along, Along] {
  const along = (k: number): Along => {
    const [length = 1, wide = 1, stride = 1] = [sizes[k], window[k], strides[k]];
    // Keras pads so that ceil(length / stride) windows fit, the odd place at the end.
    const missing = padding === "same" ? Math.max((Math.ceil(length / stride) - 1) * stride + wide - length, 0) : 0;
    const ahead = Math.floor(missing / 2);
    const start = `${stride === 1 ? "" : `${stride}*`}${"ij"[k] ?? ""}`;
    return (place) => {
      if (typeof place === "string") return `${start} + ${place}${ahead ? ` - ${ahead}` : ""}`;
      const shift = place - ahead;
      return start + (shift ? ` ${shift < 0 ? "-" : "+"} ${Math.abs(shift)}` : "");
    };
  };
  return [along(0), along(1)];
}
