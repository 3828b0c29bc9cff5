/** What a recurrent layer computes at a step, as lines of a formula. */
import type { Layer } from "../architecture/layers.ts";
import { activated, sum } from "./formula.ts";

const GATES: Record<string, number> = { rnn: 1, gru: 3, lstm: 4 };

export function recurrentLines(layer: Layer, weights: Float32Array[], shapes: number[][], inputs: string[], nodes: string[]): string[] {
  const [kernel, recurrent, bias] = weights;
  const units = nodes.length;
  const width = units * (GATES[layer.kind] ?? 1);
  const rows = (shapes[2]?.length ?? 0) === 2 ? 2 : 1;
  const { activation, recurrent_activation: gating } = layer.args;
  const hidden = nodes.map((name) => `${name}[t - 1]`);
  const terms = (from: Float32Array | undefined, names: string[], column: number) =>
    names.map((name, k): [number, string] => [from?.[k * width + column] ?? 0, name]);
  const biasOf = (column: number, row: number) => (bias ? (bias[row * width + column] ?? 0) : null);
  const biasSum = (column: number) => (bias ? (biasOf(column, 0) ?? 0) + (rows === 2 ? (biasOf(column, 1) ?? 0) : 0) : null);
  const given = inputs.map((name) => `${name}[t]`);
  const total = (column: number, before = hidden) => sum([...terms(kernel, given, column), ...terms(recurrent, before, column)], biasSum(column));
  const columnOf = (unit: number, gate: number) => unit + gate * units;

  if (layer.kind === "rnn") return nodes.map((name, unit) => `${name}[t] = ${activated(activation, total(unit))}`);
  if (layer.kind === "lstm")
    return nodes.flatMap((name, unit) => [
      ...["input", "forget", "candidate", "output"].map(
        (gate, k) => `${name}_${gate}[t] = ${activated(gate === "candidate" ? activation : gating, total(columnOf(unit, k)))}`,
      ),
      `${name}_cell[t] = ${name}_forget[t]*${name}_cell[t - 1] + ${name}_input[t]*${name}_candidate[t]`,
      `${name}[t] = ${name}_output[t]*${activated(activation, `${name}_cell[t]`)}`,
    ]);
  const gates = nodes.flatMap((name, unit) =>
    ["update", "reset"].map((gate, k) => `${name}_${gate}[t] = ${activated(gating, total(columnOf(unit, k)))}`),
  );
  const candidate = (name: string, unit: number): string => {
    const column = columnOf(unit, 2);
    if (!layer.args.reset_after) return total(column, nodes.map((other, k) => `${other}_reset[t]*${hidden[k] ?? ""}`));
    // The reset gate acts on the recurrent sum, which has a bias of its own.
    const before = sum(terms(recurrent, hidden, column), biasOf(column, 1));
    return `${sum(terms(kernel, given, column), biasOf(column, 0))} + ${name}_reset[t]*(${before})`;
  };
  return [
    ...gates,
    ...nodes.flatMap((name, unit) => [
      `${name}_candidate[t] = ${activated(activation, candidate(name, unit))}`,
      `${name}[t] = ${name}_update[t]*${name}[t - 1] + (1 - ${name}_update[t])*${name}_candidate[t]`,
    ]),
  ];
}
