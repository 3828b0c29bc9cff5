/** Two networks side by side over many seeds, and how sure the difference is. */
import { signal } from "@preact/signals";
import { difference, type Difference } from "../comparison.ts";
import { Model } from "../engine/model.ts";
import { ArchitectureError } from "../architecture/arguments.ts";
import { grouped } from "../architecture/python.ts";
import { readLayers } from "../architecture/text.ts";
import { higherIsBetter, rankedBy, type Metric } from "../metrics.ts";
import { Dots } from "../pictures/dots.tsx";
import { LINES } from "../pictures/colours.ts";
import { Experiments } from "../state/experiments.ts";
import { dataset, known, text, training } from "../state/lab.ts";
import { metricText, t } from "../texts/text.ts";
import { Whole } from "./controls.tsx";
import { SweepCard } from "./sweep.tsx";
import { metricTitle } from "./train.tsx";

const other = signal("flatten - dense(1)");
const count = signal(16);

interface Contest {
  names: [string, string];
  metric: string;
  values: [Metric[], Metric[]];
  all: number;
  found: Difference | null;
}

const contest = signal<Contest | null>(null);
let under: Experiments | undefined;

/** A network that can stand against the present one: of about as many weights, another kind. */
const RIVALS: Record<string, string> = {
  mnist56: "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)",
  crt: "conv(2, 5x5) - maxpool(3) - conv(4, 3x3) - maxpool(3) - flatten - dense(3)",
  r3: "conv(2, 3x3) - maxpool(3) - conv(4, 3x3) - globalmaxpool - dense(3)",
  pulses: "lstm(3) - dense(1)",
  "pulses-reversed": "gru(14) - gru(13) - dense(1)",
  "pulses-memory": "gru(8) - dense(1)",
};
dataset.subscribe((data) => {
  const rival = data ? RIVALS[data.name] : undefined;
  if (rival) other.value = rival;
});

function fitted(written: string): Model | string {
  const purpose = known.value;
  try {
    if (!purpose) return "";
    return Model.fit(readLayers(written), { ...purpose, name: dataset.value?.name ?? "" });
  } catch (error) {
    if (error instanceof ArchitectureError) return error.message;
    throw error;
  }
}

function go(a: Model, b: Model): void {
  under?.stop();
  const metric = rankedBy(a.purpose.task);
  const seeds = Array.from({ length: count.value }, (_, seed) => seed);
  contest.value = { names: [text.value, other.value], metric, values: [[], []], all: 2 * seeds.length, found: null };
  under = new Experiments((place, outcome) => {
    const now = contest.value;
    if (!now) return;
    const value = outcome.hasDiverged ? NaN : (outcome.metrics?.validation?.[metric] ?? null);
    const values: Contest["values"] = [[...now.values[0]], [...now.values[1]]];
    values[place === 0 ? 0 : 1].push(value);
    const isOver = values[0].length + values[1].length === now.all;
    const found = isOver ? difference(values[0], values[1], higherIsBetter(metric)) : null;
    contest.value = { ...now, values, found };
  });
  const pair = [a, b].map((model) => ({ layers: model.layers, training: training.value, seeds }));
  under.train(pair);
}

export function Compare() {
  return (
    <>
      <Networks />
      <SweepCard />
    </>
  );
}

function Networks() {
  const [a, b] = [fitted(text.value), fitted(other.value)];
  const now = contest.value;
  const isUnderWay = now !== null && now.values[0].length + now.values[1].length < now.all;
  return (
    <section class="card" aria-labelledby="compare-title">
      <header>
        <h2 id="compare-title">{t("compare.title")}</h2>
        <small>{t("compare.hint")}</small>
      </header>
      <div class="two">
        <Side name={t("compare.a")} value={text} model={a} />
        <Side name={t("compare.b")} value={other} model={b} />
      </div>
      <div class="row">
        <label class="inline">
          {t("train.seeds")}
          <Whole value={count.value} least={2} most={64} set={(n) => (count.value = n)} />
        </label>
        <button
          class="primary"
          type="button"
          disabled={typeof a === "string" || typeof b === "string" || isUnderWay}
          onClick={() => {
            if (typeof a !== "string" && typeof b !== "string") go(a, b);
          }}
        >
          {t("compare.go", { count: count.value })}
        </button>
        <span role="status">
          {isUnderWay ? t("compare.running", { done: now.values[0].length + now.values[1].length, all: now.all }) : ""}
        </span>
      </div>
      {now ? <Result now={now} /> : null}
    </section>
  );
}

function Side({ name, value, model }: { name: string; value: typeof text; model: Model | string }) {
  return (
    <label>
      <span>
        {name}
        {typeof model === "string" ? "" : `, ${t("build.weights", { count: grouped(model.parameters) })}`}
      </span>
      <textarea
        value={value.value}
        spellcheck={false}
        aria-invalid={typeof model === "string"}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
      {typeof model === "string" ? <span class="error">{model}</span> : null}
    </label>
  );
}

function Result({ now }: { now: Contest }) {
  const named = (value: number) => metricText(now.metric, value);
  const verdict = now.found ? verdictOf(now.found, now.metric) : "";
  return (
    <>
      <Dots
        groups={now.values.map((values, i) => ({
          label: `${i === 0 ? t("compare.a") : t("compare.b")}: ${now.names[i] ?? ""}`,
          colour: LINES[i] ?? "",
          values: values.filter((value) => value !== null),
        }))}
        axis={`${metricTitle(now.metric)}, ${t("train.validation")}`}
        text={named}
        summary={verdict || t("compare.dots")}
      />
      <small>{t("compare.dots")}</small>
      {verdict ? (
        <p class="verdict" role="status">
          {verdict}
        </p>
      ) : null}
    </>
  );
}

function verdictOf(found: Difference, metric: string): string {
  const isA = found.difference > 0 === higherIsBetter(metric);
  const sign = found.difference > 0 ? 1 : -1;
  const [low, high] = [sign * found.low, sign * found.high].sort((x, y) => x - y) as [number, number];
  if (found.low <= 0 && found.high >= 0)
    return t("compare.unsure", { low: metricText(metric, found.low), high: metricText(metric, found.high) });
  return t("compare.sure", {
    winner: isA ? t("compare.a") : t("compare.b"),
    difference: metricText(metric, Math.abs(found.difference)),
    low: metricText(metric, low),
    high: metricText(metric, high),
  });
}
