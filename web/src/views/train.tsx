/** The view that trains: the result in large figures, the curves as they grow, the seeds, and how it learns. */
import { dataset, model } from "../state/lab.ts";
import { chosenEpoch, hasQuality, isRunning, run, session, watch } from "../state/training.ts";
import { rankedBy } from "../metrics.ts";
import { maybe, metricText, t } from "../texts/text.ts";
import { Curves } from "./curves.tsx";
import { Glimpse } from "./glimpse.tsx";
import { Seeds } from "./seeds.tsx";
import { Settings } from "./settings.tsx";
import { TriedTable } from "./tried.tsx";
import { latest, spread } from "./spread.ts";

export function Train() {
  return (
    <>
      <Headline />
      <Curves />
      <Glimpse />
      <Seeds />
      <Settings />
      <TriedTable />
    </>
  );
}

export const metricTitle = (name: string): string => maybe(`train.metric.${name}`) ?? name.replaceAll("_", " ");

function Headline() {
  watch();
  const now = session.value;
  const data = dataset.value;
  if (!now || !data)
    return <p class="soft lead">{maybe(`dataset.about.${data?.name ?? ""}`) ?? t("app.tagline")}</p>;
  const name = rankedBy(now.model.purpose.task);
  const found = spread(now, "validation", name);
  const learned = hasQuality(now) ? latest(now, "quality") : spread(now, "training", name).median;
  const one = now.runs.length === 1;
  const range = t("train.range", {
    low: metricText(name, found.lowerQuartile),
    high: metricText(name, found.upperQuartile),
  });
  return (
    <section class="card headline" aria-label={t("train.results")}>
      <div class="figure">
        <small>{`${metricTitle(name)}, ${t("train.validation")}`}</small>
        <b>{metricText(name, found.median)}</b>
        <small>{one ? t("train.single", { seed: now.runs[0]?.seed ?? 0 }) : `${t("train.median", { count: now.runs.length })}, ${range}`}</small>
      </div>
      <div class="figure minor">
        <small>{t("train.training")}</small>
        <b>{metricText(name, learned)}</b>
      </div>
      {isRunning.value ? null : <Table />}
      <LookBack />
    </section>
  );
}

/** All metrics of the test split, once there are any. */
function Table() {
  watch();
  const now = session.value;
  if (!now?.runs.some((one) => one.metrics?.test)) return null;
  const name = rankedBy(now.model.purpose.task);
  return (
    <div class="figure minor">
      <small>{t("train.test")}</small>
      <b>{metricText(name, spread(now, "test", name).median)}</b>
    </div>
  );
}

/** The slider back over the epochs. */
function LookBack() {
  watch();
  const one = run.value;
  const now = session.value;
  const last = one?.history.loss.length ?? 0;
  if (!one || !now || last === 0 || model.value?.text !== now.model.text) return null;
  const shown = chosenEpoch.value ?? last;
  return (
    <label class="grow" title={t("train.historyHelp")}>
      <span>
        {t("train.history")}: {chosenEpoch.value === null ? t("train.latest") : shown === 0 ? t("train.initial") : `${t("train.epoch")} ${shown}`}
      </span>
      <input
        type="range"
        min={0}
        max={last}
        value={shown}
        onInput={(event) => {
          const chosen = event.currentTarget.valueAsNumber;
          chosenEpoch.value = chosen === last ? null : chosen;
        }}
      />
    </label>
  );
}
