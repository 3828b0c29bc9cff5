/** Start, pause, step and restart, for every view. */
import { dataset, model, seeds } from "../state/lab.ts";
import {
  isOver,
  isRunning,
  isUpToDate,
  MOST_SEEDS,
  session,
  setSpeed,
  speed,
  start,
  startOrPause,
  step,
  watch, } from "../state/training.ts";
import { seconds, t } from "../texts/text.ts";
import { grouped } from "../architecture/python.ts";

const SPEEDS = [null, 30, 10, 3, 1];

export function Controls() {
  const isReady = model.value !== null && model.value.purpose.name === dataset.value?.name;
  const isUnderWay = isUpToDate.value && !isOver.value;
  const label = isRunning.value
    ? t("train.pause")
    : isUnderWay
      ? t("train.resume")
      : session.value && isUpToDate.value
        ? t("train.again")
        : t("train.start");
  return (
    <section class="controls" aria-label={t("view.train")}>
      <button class="primary" type="button" disabled={!isReady} onClick={startOrPause}>
        {label}
      </button>
      <span class="row">
        <button type="button" disabled={!isReady} onClick={() => step("batch")}>
          {t("train.stepBatch")}
        </button>
        <button type="button" disabled={!isReady} onClick={() => step("epoch")}>
          {t("train.stepEpoch")}
        </button>
        <button class="icon" type="button" disabled={!isReady || !session.value} onClick={() => start(true)} aria-label={t("train.restart")} title={t("train.restart")}>
          ↺
        </button>
      </span>
      <Status />
      <label title={t("train.seedsHelp")}>
        {t("train.seeds")}
        <Whole value={seeds.value} least={1} most={MOST_SEEDS} set={(n) => (seeds.value = n)} />
      </label>
      <label>
        {t("train.speed")}
        <select
          value={String(speed.value)}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            setSpeed(chosen === "null" ? null : Number(chosen));
          }}
        >
          {SPEEDS.map((limit) => (
            <option key={String(limit)} value={String(limit)}>
              {limit === null ? t("train.speed.full") : t("train.speed.limit", { limit })}
            </option>
          ))}
        </select>
      </label>
      <Progress />
    </section>
  );
}

/** A whole number to choose; what is no such number is not taken. */
export function Whole({ value, least, most, set }: { value: number; least: number; most: number; set: (n: number) => void }) {
  return (
    <input
      type="number"
      min={least}
      max={most}
      value={value}
      onChange={(event) => {
        const chosen = event.currentTarget.valueAsNumber;
        if (Number.isInteger(chosen) && chosen >= least && chosen <= most) set(chosen);
        else event.currentTarget.value = String(value);
      }}
    />
  );
}

function epochs(): { done: number; all: number } {
  watch();
  const runs = session.value?.runs ?? [];
  const done = Math.min(...runs.map((run) => (run.status === "training" ? run.history.loss.length : Infinity)));
  const all = session.value?.training.epochs ?? 0;
  return { done: Number.isFinite(done) ? done : all, all };
}

function Status() {
  watch();
  return (
    <span class="status" role="status">
      {statusText()}
    </span>
  );
}

export const seedsText = (count: number) =>
  count === 1 ? t("train.seed") : t("train.manySeeds", { count });

function statusText(): string {
  const net = model.value;
  if (!net) return t("train.fix");
  const now = session.value;
  if (!now) {
    const samples = grouped(dataset.value?.counts.training ?? 0);
    return t("train.status.ready", { count: grouped(net.parameters), samples });
  }
  if (!isUpToDate.value) return t("train.changed");
  const { done, all } = epochs();
  if (isRunning.value) return t("train.status.running", { epoch: Math.min(done + 1, all), epochs: all });
  if (!isOver.value) return t("train.status.paused", { epoch: done, epochs: all });
  return t("train.status.over", { seeds: seedsText(now.runs.length), time: seconds(now.took ?? 0) });
}

function Progress() {
  watch();
  const { done, all } = epochs();
  const share = all && session.value ? done / all : 0;
  return (
    <span class="progress" aria-hidden="true">
      <i style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}

