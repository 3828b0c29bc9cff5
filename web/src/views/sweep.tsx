/** One setting over several values: which is best, and how far the seeds differ. */
import { signal } from "@preact/signals";
import { higherIsBetter, summarise } from "../metrics.ts";
import { Dots } from "../pictures/dots.tsx";
import { lineColour } from "../pictures/colours.ts";
import { known, model } from "../state/lab.ts";
import { startSweep, sweep, SWEPT, valuesOf, type Swept } from "../state/sweep.ts";
import { metricText, t } from "../texts/text.ts";
import { Whole } from "./controls.tsx";
import { metricTitle } from "./train.tsx";

const chosen = signal<Swept>("learning_rate");
const written = signal<string>(SWEPT.learning_rate);
const count = signal(4);

export function SweepCard() {
  const values = valuesOf(chosen.value, written.value);
  const now = sweep.value;
  const done = now?.found.flat().length ?? 0;
  const isUnderWay = now !== null && done < now.all;
  const names = (Object.keys(SWEPT) as Swept[]).filter((name) => name !== "truncation" || known.value?.inputShape.length === 2);
  return (
    <section class="card" aria-labelledby="sweep-title">
      <header>
        <h2 id="sweep-title">{t("sweep.title")}</h2>
        <small>{t("sweep.hint")}</small>
      </header>
      <div class="settings">
        <label>
          {t("sweep.setting")}
          <select
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value as Swept;
              written.value = SWEPT[chosen.value];
            }}
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {t(`settings.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("sweep.values")}
          <input type="text" value={written.value} aria-invalid={values === null} onInput={(event) => (written.value = event.currentTarget.value)} />
        </label>
        <label>
          {t("train.seeds")}
          <Whole value={count.value} least={1} most={32} set={(n) => (count.value = n)} />
        </label>
      </div>
      <div class="row">
        <button class="primary" type="button" disabled={!values || !model.value || isUnderWay} onClick={() => values && startSweep(chosen.value, values, count.value)}>
          {t("sweep.go")}
        </button>
        <span role="status">{values ? (isUnderWay ? t("compare.running", { done, all: now.all }) : "") : t("sweep.wrong")}</span>
      </div>
      {now ? <Found /> : null}
    </section>
  );
}

function Found() {
  const now = sweep.value;
  if (!now) return null;
  const isBetter = higherIsBetter(now.metric);
  const medians = now.found.map((values) => summarise(values, isBetter).median);
  const best = medians.reduce<number | null>((found, value, i) => (value !== null && (found === null || (isBetter ? value > (medians[found] ?? 0) : value < (medians[found] ?? 0))) ? i : found), null);
  const isOver = now.found.flat().length === now.all;
  const verdict = isOver && best !== null ? t("sweep.best", { setting: t(`settings.${now.name}`), value: now.values[best] ?? "", found: metricText(now.metric, medians[best] ?? null) }) : "";
  return (
    <>
      <Dots
        groups={now.found.map((values, i) => ({
          label: String(now.values[i]),
          colour: lineColour(i),
          values: values.filter((value): value is number => value !== null && Number.isFinite(value)),
        }))}
        axis={`${metricTitle(now.metric)}, ${t("train.validation")}`}
        text={(value) => metricText(now.metric, value)}
        summary={verdict || t("compare.dots")}
      />
      {verdict ? <p class="verdict">{verdict}</p> : null}
    </>
  );
}
