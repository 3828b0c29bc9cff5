/** The learning curves: quality and loss, median and quartiles over the seeds, growing while it learns. */
import { rankedBy } from "../metrics.ts";
import { Chart, type Line } from "../pictures/chart.tsx";
import { palette } from "../pictures/colours.ts";
import { theme } from "../state/theme.ts";
import { chosenEpoch, hasQuality, session, watch, type Session } from "../state/training.ts";
import { metricText, t } from "../texts/text.ts";
import { bands } from "./spread.ts";
import { metricTitle } from "./train.tsx";

export function Curves() {
  watch();
  const now = session.value;
  const quality = now ? rankedBy(now.model.purpose.task) : "accuracy";
  return (
    <section class="card" aria-label={t("train.chart", { metric: metricTitle(quality) })}>
      <div class="two">
        {now && !hasQuality(now) ? null : <Curve now={now} name={quality} learned="quality" validated="valQuality" />}
        <Curve now={now} name="loss" learned="loss" validated="valLoss" />
      </div>
      <Legend seeds={now?.runs.length ?? 1} />
    </section>
  );
}

interface CurveProps {
  now: Session | null;
  name: string;
  learned: "quality" | "loss";
  validated: "valQuality" | "valLoss";
}

function Curve({ now, name, learned, validated }: CurveProps) {
  watch();
  const colours = palette(theme.value);
  const seen = now ? bands(now, validated) : null;
  const length = seen?.median.length ?? 0;
  const metric = metricTitle(name);
  if (!now || !seen || length === 0)
    return (
      <div class="chart" role="img" aria-label={t("train.chartEmpty", { metric })}>
        <h3>{metric}</h3>
        <span class="empty">{t("train.chartSoon")}</span>
      </div>
    );
  const own = bands(now, learned);
  const isShare = name === "accuracy";
  const isLogarithmic = !isShare && [...seen.median, ...own.median].every((value) => value !== null && value > 0);
  const least = Math.min(...seen.low.map((value) => value ?? 1), ...own.median.map((value) => value ?? 1));
  const lines: Line[] = [
    { label: t("train.training"), colour: colours.orange, values: own.median, isDashed: true },
    { label: t("train.validation"), colour: colours.blue, values: seen.median, width: 2.5 },
  ];
  const summary = t("train.chartSummary", {
    metric,
    epochs: length,
    first: metricText(name, seen.median[0] ?? null),
    last: metricText(name, seen.median[length - 1] ?? null),
    seeds: now.runs.length,
  });
  return (
    <div class="chart">
      <h3>{metric}</h3>
      <Chart
        x={Array.from({ length }, (_, i) => i + 1)}
        lines={lines}
        bands={now.runs.length > 1 ? [{ colour: colours.blue, low: seen.low, high: seen.high }] : []}
        xLabel={t("train.epoch")}
        yLabel={metric}
        height={200}
        isLogarithmic={isLogarithmic}
        {...(isShare ? { yRange: [Math.max(0, Math.floor(least * 10 - 0.5) / 10), 1.005] as [number, number] } : {})}
        xLeast={1}
        xMost={Math.max(2, now.training.epochs)}
        summary={summary}
        onPick={(epoch) => (chosenEpoch.value = epoch === length ? null : epoch)}
      />
    </div>
  );
}

function Legend({ seeds }: { seeds: number }) {
  return (
    <div class="legend">
      <span>
        <i style={{ borderColor: "var(--blue)" }} />
        {t("train.validation")}
      </span>
      <span>
        <i class="dashed" style={{ borderColor: "var(--orange-bright)" }} />
        {t("train.training")}
      </span>
      {seeds > 1 ? (
        <span>
          <i class="block-mark" style={{ background: "var(--blue)" }} />
          {t("train.quartiles")}
        </span>
      ) : null}
    </div>
  );
}
