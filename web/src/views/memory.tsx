/** How much the answer depends on the input some steps before, and what a single pulse sets off. */
import { Chart } from "../pictures/chart.tsx";
import { palette } from "../pictures/colours.ts";
import { looked, outputsOf, shown, split } from "../state/inside.ts";
import { dataset, engine } from "../state/lab.ts";
import { theme } from "../state/theme.ts";
import { isRunning, watch } from "../state/training.ts";
import { t } from "../texts/text.ts";

const MOST_LAGS = 40;
const SEQUENCES = 12;
const PULSE = { start: 10, width: 5, height: 0.75 };
const REACH = 0.9;

export function Memory() {
  watch();
  const [net, own, all, from, data] = [looked.value, engine.value, shown.value, split.value, dataset.value];
  if (!net || !own || !all || !from || !data?.perStep || isRunning.value) return null;
  const colours = palette(theme.value);
  const [steps = 1, channels = 1] = data.inputShape;
  const outputs = outputsOf(net);
  const lags = Math.min(MOST_LAGS, steps - 1);
  const size = steps * channels;
  const count = Math.min(SEQUENCES, from.count);
  const means = new Float64Array(lags + 1);
  const places = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(lags + share * (steps - 1 - lags)));
  for (const step of places) {
    const dOut = new Float32Array(count * steps * outputs);
    for (let i = 0; i < count; i++) dOut.fill(1, (i * steps + step) * outputs, (i * steps + step + 1) * outputs);
    const gradient = net.inputGradients(own, all, from.x.subarray(0, count * size), dOut, count);
    for (let i = 0; i < count; i++)
      for (let lag = 0; lag <= lags; lag++)
        for (let c = 0; c < channels; c++)
          means[lag] = (means[lag] ?? 0) + Math.abs(gradient[i * size + (step - lag) * channels + c] ?? 0);
  }
  const values = Array.from(means, (sum) => sum / (count * places.length));
  const total = values.reduce((sum, value) => sum + value, 0);
  let reach = 0;
  for (let sum = values[0] ?? 0; sum < REACH * total && reach < lags; reach++) sum += values[reach + 1] ?? 0;

  const pulse = new Float32Array(size);
  for (let step = PULSE.start; step < PULSE.start + PULSE.width; step++) pulse.fill(PULSE.height, step * channels, (step + 1) * channels);
  const response = net.predict(own, all, pulse, 1);
  return (
    <section class="card" aria-labelledby="memory-title">
      <header>
        <h2 id="memory-title">{t("look.memory")}</h2>
      </header>
      <Chart
        x={values.map((_, lag) => lag)}
        lines={[{ label: t("look.memory"), colour: colours.blue, values }]}
        xLabel={t("look.lag")}
        yLabel=""
        height={150}
        summary={t("look.memorySummary", { reach })}
      />
      <small>
        {t("look.memoryHint")} {t("look.memorySummary", { reach })}
      </small>
      <h3>{t("look.response")}</h3>
      <Chart
        x={Array.from({ length: steps }, (_, step) => step)}
        lines={[
          { label: t("look.input"), colour: colours.soft, values: Array.from({ length: steps }, (_, s) => pulse[s * channels] ?? null), width: 1.5 },
          { label: t("look.prediction"), colour: colours.blue, values: Array.from({ length: steps }, (_, s) => response[s * outputs] ?? null) },
        ]}
        xLabel={t("look.step")}
        yLabel=""
        height={150}
        summary={t("look.response")}
      />
    </section>
  );
}
