/** What each node adds to the answer at every step: its activity times the weight that the last layer gives it. */
import { Chart } from "../pictures/chart.tsx";
import { lineColour } from "../pictures/colours.ts";
import { inside, looked, shown } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";

const MOST = 16;

export function Contributions() {
  watch();
  const [net, all, seen] = [looked.value, shown.value, inside.value];
  const last = net ? net.layers.length - 1 : -1;
  const activity = seen?.recurrent.at(-1);
  // Only where a dense layer of one output reads the nodes at every step.
  if (!net || !all || !seen || !activity || activity.layer !== last - 1 || net.layers[last]?.kind !== "dense") return null;
  if (net.shapes[last]?.at(-1) !== 1 || net.shapes[last].length !== 2) return null;
  const kernel = net.weightsOf(all, last)[0] ?? new Float32Array();
  const steps = activity.hidden.length / activity.units;
  const units = Math.min(MOST, activity.units);
  return (
    <section class="card" aria-labelledby="contributions-title">
      <header>
        <h2 id="contributions-title">{t("look.contributions")}</h2>
      </header>
      <Chart
        x={Array.from({ length: steps }, (_, step) => step)}
        lines={Array.from({ length: units }, (_, unit) => ({
          label: t("look.node", { number: unit + 1 }),
          colour: lineColour(unit),
          values: Array.from(
            { length: steps },
            (_step, step) => (activity.hidden[step * activity.units + unit] ?? 0) * (kernel[unit] ?? 0),
          ),
          isDashed: unit >= 8,
        }))}
        xLabel={t("look.step")}
        yLabel=""
        height={210}
        summary={t("look.contributionsSummary", { count: units })}
      />
    </section>
  );
}
