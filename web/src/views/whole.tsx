/** A tiny network whole: every weight where it acts, what passes through, and the formula it amounts to. */
import { formula, numberText, type Numbers } from "../inspect/formula.ts";
import { isRecurrent, type Layer } from "../architecture/layers.ts";
import type { Model } from "../engine/model.ts";
import { Pixels, largestOf } from "../pictures/pixels.tsx";
import { inside, looked, shown } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { maybe, t } from "../texts/text.ts";
import { title } from "./block.tsx";

/** Larger networks are no longer seen at a glance. */
const MOST_WEIGHTS = 60;
const MOST_ROWS = 24;

export function Whole() {
  watch();
  const [net, all, seen] = [looked.value, shown.value, inside.value];
  if (!net || !all || !seen || net.parameters > MOST_WEIGHTS) return null;
  const written = formula(net, all);
  if (!written) return null;
  const inputs = inputNames(net);
  return (
    <section class="card" aria-labelledby="whole-title">
      <header>
        <h2 id="whole-title">{t("whole.title")}</h2>
        <small>{t("whole.hint")}</small>
      </header>
      <ol class="whole">
        {net.layers.map((layer, index) => (
          <li key={index}>
            <h3>{title(layer)}</h3>
            <Weights net={net} layer={layer} index={index} weights={net.weightsOf(all, index)} before={written.layers[index - 1] ?? inputs} after={written.layers[index] ?? inputs} />
            <Gives net={net} index={index} values={seen.layers[index]} names={(written.layers[index] ?? inputs).names} />
          </li>
        ))}
      </ol>
      <h3>{t("whole.formula")}</h3>
      <pre class="mono lines" tabIndex={0} aria-label={t("whole.formula")}>
        {written.lines.join("\n")}
      </pre>
    </section>
  );
}

function inputNames(net: Model): Numbers {
  const channels = net.inputShape.at(-1) ?? 1;
  return { names: channels === 1 ? ["x"] : Array.from({ length: channels }, (_, k) => `x${k + 1}`), size: net.inputShape.slice(0, -1) };
}

interface WeightsProps {
  net: Model;
  layer: Layer;
  index: number;
  weights: Float32Array[];
  before: Numbers;
  after: Numbers;
}

function Weights({ net, layer, index, weights, before, after }: WeightsProps) {
  const shapes = net.weightShapes[index] ?? [];
  const [kernel] = weights;
  if (!kernel) return null;
  const largest = Math.max(...weights.map(largestOf));
  if (shapes[0]?.length === 4) return <Kernels shape={shapes[0]} kernel={kernel} bias={weights[1]} layer={layer} before={before} after={after} largest={largest} />;
  const columns = columnsOf(layer, after);
  const rows: [string, Float32Array][] = [];
  weights.forEach((values, k) => {
    const width = shapes[k]?.at(-1) ?? 1;
    const high = values.length / width;
    for (let row = 0; row < high; row++) rows.push([rowName(layer, k, row, shapes, before, after), values.subarray(row * width, (row + 1) * width)]);
  });
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t("whole.weights", { layer: title(layer) })}>
      <table class="weights">
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(([name, values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {Array.from(values, (value, k) => (
                <Cell key={k} value={value} largest={largest} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Activation layer={layer} />
    </div>
  );
}

/** Of a recurrent layer a column a gate of every node, in the order of the weights. */
function columnsOf(layer: Layer, after: Numbers): string[] {
  const names = after.names.map((name) => name.replace(/\[.*/, ""));
  const gates = { gru: ["update", "reset", "candidate"], lstm: ["input", "forget", "candidate", "output"] }[layer.kind];
  return gates ? gates.flatMap((gate) => names.map((name) => `${name} ${maybe(`look.gate.${gate}`) ?? gate}`)) : names;
}

function rowName(layer: Layer, array: number, row: number, shapes: number[][], before: Numbers, after: Numbers): string {
  if (shapes[array]?.length === 1) return layer.kind === "batchnorm" ? `${t("whole.number")} ${array + 1}` : t("look.bias");
  if (!isRecurrent(layer)) return before.names[row] ?? "";
  const node = (after.names[row] ?? "").replace(/\[.*/, "");
  return array === 0 ? (before.names[row] ?? "") : array === 1 ? `${node}[t - 1]` : `${t("look.bias")} ${row + 1}`;
}

interface KernelsProps {
  shape: number[];
  kernel: Float32Array;
  bias: Float32Array | undefined;
  layer: Layer;
  before: Numbers;
  after: Numbers;
  largest: number;
}

/** A grid for every kernel of every map. */
function Kernels({ shape, kernel, bias, layer, before, after, largest }: KernelsProps) {
  const [high = 1, wide = 1, channels = 1, last = 1] = shape;
  const isDepthwise = layer.kind === "depthwiseconv";
  return (
    <>
      {after.names.map((name, unit) => (
        <div key={name} class="kernel">
          {(isDepthwise ? [Math.floor(unit / last)] : [...Array(channels).keys()]).map((channel) => (
            <table key={channel} class="weights">
              <caption>
                {name} ← {before.names[channel]}
              </caption>
              <tbody>
                {Array.from({ length: high }, (_, row) => (
                  <tr key={row}>
                    {Array.from({ length: wide }, (_column, column) => (
                      <Cell key={column} value={kernel[((row * wide + column) * channels + channel) * last + (unit % last)] ?? 0} largest={largest} />
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          ))}
          {bias ? <small>{`${t("look.bias")} ${numberText(bias[unit] ?? 0)}`}</small> : null}
        </div>
      ))}
      <Activation layer={layer} />
    </>
  );
}

function Activation({ layer }: { layer: Layer }) {
  const name = layer.args.activation;
  return typeof name === "string" && name !== "linear" ? <small>{t("whole.activation", { name })}</small> : null;
}

function Cell({ value, largest }: { value: number; largest: number }) {
  const colour = value < 0 ? "var(--orange-bright)" : "var(--blue)";
  return <td style={{ background: `color-mix(in srgb, ${colour} ${Math.round(Math.min(1, Math.abs(value) / largest) * 45)}%, transparent)` }}>{numberText(value)}</td>;
}

/** What the layer makes of the example: maps as pictures, single numbers as numbers. */
function Gives({ net, index, values, names }: { net: Model; index: number; values: Float32Array | undefined; names: string[] }) {
  const shape = net.shapes[index] ?? [];
  if (!values || net.layers[index]?.kind === "flatten") return null;
  if (shape.length === 3) {
    const [height = 1, width = 1, channels = 1] = shape as number[];
    const largest = largestOf(values);
    return (
      <div class="maps">
        {Array.from({ length: channels }, (_, channel) => (
          <Pixels key={channel} values={values} height={height} width={width} channels={channels} channel={channel} colours="signed" largest={largest} size={54} label={t("whole.gives", { name: names[channel] ?? "", value: "" })} />
        ))}
      </div>
    );
  }
  if (shape.length !== 1) return null;
  // What the last layer of a classifier gives has become probabilities.
  const isAnswer = index === net.layers.length - 1 && net.purpose.task !== "regression";
  return <p class="mono">{Array.from(values, (value, k) => `${isAnswer ? (values.length === 1 ? "p" : `p${k + 1}`) : (names[k] ?? "")} = ${numberText(value)}`).join(", ")}</p>;
}
