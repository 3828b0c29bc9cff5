/** A sequence: what goes in, what should come out, and what does. */
import { Chart, type Line } from "../pictures/chart.tsx";
import { palette } from "../pictures/colours.ts";
import { example, inside, outputsOf, looked, sample, split, target } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { theme } from "../state/theme.ts";
import { watch } from "../state/training.ts";
import { number, t } from "../texts/text.ts";

export function Signals({ height }: { height: number }) {
  watch();
  const [net, from, seen, data] = [looked.value, split.value, inside.value, dataset.value];
  if (!net || !from || !seen || !data) return null;
  const steps = data.inputShape[0] ?? 1;
  const channels = data.inputShape[1] ?? 1;
  const outputs = outputsOf(net);
  const colours = palette(theme.value);
  const x = sample(from, example.value);
  const y = target(from, example.value);
  const said = seen.layers.at(-1) ?? new Float32Array();
  const every = (values: Float32Array, width: number) =>
    Array.from({ length: steps }, (_, step) => values[step * width] ?? null);
  const isPerStep = data.perStep && data.task === "regression";
  const error = said.reduce((sum, value, i) => sum + (value - (y[i] ?? 0)) ** 2, 0) / said.length;
  const lines: Line[] = [
    { label: t("look.input"), colour: colours.soft, values: every(x, channels), width: 1.5 },
    ...(isPerStep
      ? [
          { label: t("look.target"), colour: colours.orange, values: every(y, outputs), isDashed: true },
          { label: t("look.prediction"), colour: colours.blue, values: every(said, outputs), width: 2.5 },
        ]
      : []),
  ];
  return (
    <>
      <Chart
        x={Array.from({ length: steps }, (_, step) => step)}
        lines={lines}
        xLabel={t("look.step")}
        yLabel=""
        height={height}
        summary={t("look.signalSummary", { error: number(error) })}
      />
      <div class="legend">
        {lines.map((line) => (
          <span key={line.label}>
            <i class={line.isDashed ? "dashed" : ""} style={{ borderColor: line.colour }} />
            {line.label}
          </span>
        ))}
      </div>
    </>
  );
}
