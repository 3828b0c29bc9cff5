/** How small can it be? The race for the fewest weights that reach a target, as it goes. */
import { signal } from "@preact/signals";
import { ArchitectureError } from "../architecture/arguments.ts";
import { fitted, parameters } from "../architecture/fit.ts";
import { grouped } from "../architecture/python.ts";
import { readLayers } from "../architecture/text.ts";
import { kindOf } from "../data/dataset.ts";
import { Random } from "../data/random.ts";
import { higherIsBetter, rankedBy } from "../metrics.ts";
import { Scatter } from "../pictures/scatter.tsx";
import { FULL, Race, type Candidate } from "../search/race.ts";
import { Experiments } from "../state/experiments.ts";
import { choose, dataset, training, view } from "../state/lab.ts";
import { metricText, t } from "../texts/text.ts";
import { metricTitle } from "./train.tsx";

const GOALS: Record<string, number> = { mnist56: 0.98, crt: 0.98, r3: 0.95, pulses: 0.05, "pulses-reversed": 0.2, "pulses-memory": 0.2 };
/** Candidates that are trained at a time. */
const AT_A_TIME = 4;

const goal = signal<number | null>(null);
const limit = signal(20);

interface Progress {
  race: Race;
  metric: string;
  goal: number;
  name: string;
  rate: number;
  until: number;
  isOver: boolean;
}

const progress = signal<Progress | null>(null);
const beat = signal(0);
let under: Experiments[] = [];

const goalNow = () => goal.value ?? GOALS[dataset.value?.name ?? ""] ?? (dataset.value?.task === "regression" ? 0.1 : 0.9);
dataset.subscribe(() => (goal.value = null));

function stop(): void {
  under.forEach((one) => one.stop());
  under = [];
  if (progress.value) progress.value = { ...progress.value, isOver: true };
}

function go(): void {
  const data = dataset.value;
  if (!data) return;
  stop();
  const purpose = { ...data, name: data.name };
  const metric = rankedBy(data.task);
  const random = new Random(0, 1);
  const read = (text: string) => fitted(readLayers(text), purpose);
  const measure = (text: string): number | null => {
    try {
      return parameters(read(text), data.inputShape);
    } catch (error) {
      if (error instanceof ArchitectureError) return null;
      throw error;
    }
  };
  const race = new Race(
    { kind: kindOf(data), outputs: data.task === "binary" ? 1 : data.outputs },
    { value: goalNow(), isHigherBetter: higherIsBetter(metric) },
    measure,
    () => random.uniform(),
  );
  const began = performance.now();
  const until = began + limit.value * 1000;
  const usual = training.value;
  progress.value = { race, metric, goal: goalNow(), name: data.name, rate: usual.learning_rate, until, isOver: false };
  const another = () => {
    const now = progress.value;
    if (now?.race !== race || now.isOver) return;
    if (performance.now() > until) {
      stop();
      return;
    }
    const spent = (performance.now() - began) / (until - began);
    const chosen = race.next(spent);
    if (!chosen) return;
    const { candidate, seeds } = chosen;
    const one = new Experiments((_, outcome) => {
      candidate.under -= 1;
      candidate.values.push(outcome.hasDiverged ? NaN : (outcome.metrics?.validation?.[metric] ?? NaN));
      beat.value += 1;
      if (candidate.under > 0) return;
      under = under.filter((other) => other !== one);
      one.done();
      another();
    });
    under.push(one);
    const settings = { ...usual, learning_rate: usual.learning_rate * candidate.genes.rate };
    one.train([{ layers: read(candidate.text), training: settings, seeds }]);
  };
  for (let i = 0; i < AT_A_TIME; i++) another();
  setTimeout(
    () => {
      if (progress.value?.race === race && !progress.value.isOver) stop();
    },
    limit.value * 1000,
  );
}

export function Small() {
  const data = dataset.value;
  if (!data) return null;
  const metric = rankedBy(data.task);
  const now = progress.value?.name === data.name ? progress.value : null;
  return (
    <section class="card" aria-labelledby="small-title">
      <header>
        <h2 id="small-title">{t("small.title")}</h2>
        <small>{t("small.hint")}</small>
      </header>
      <div class="row">
        <label class="inline">
          {t("small.target")}: {metricTitle(metric)} {higherIsBetter(metric) ? "≥" : "≤"}
          <input
            type="number"
            step={0.01}
            min={0}
            value={goalNow()}
            onChange={(event) => {
              const chosen = event.currentTarget.valueAsNumber;
              goal.value = chosen > 0 && Number.isFinite(chosen) ? chosen : null;
            }}
          />
        </label>
        <label class="inline">
          {t("small.seconds")}
          <input
            type="number"
            min={1}
            max={3600}
            value={limit.value}
            onChange={(event) => {
              const chosen = event.currentTarget.valueAsNumber;
              if (chosen >= 1 && chosen <= 3600) limit.value = chosen;
            }}
          />
        </label>
        <button class="primary" type="button" onClick={() => (now && !now.isOver ? stop() : go())}>
          {now && !now.isOver ? t("small.stop") : t("small.go")}
        </button>
      </div>
      {now ? <Standing now={now} beat={beat.value} /> : null}
    </section>
  );
}

function Standing({ now, beat: _beat }: { now: Progress; beat: number }) {
  const { race, metric } = now;
  const answer = race.answer;
  const point = (candidate: Candidate) => ({ x: candidate.parameters, y: race.value(candidate), weight: candidate.values.length / FULL });
  const tried = race.candidates.filter((candidate) => candidate.values.length > 0);
  // One bad network would squeeze all others into a corner.
  const worst = higherIsBetter(metric) ? 0 : 1.2;
  const shown = tried.map(point).filter(({ y }) => (higherIsBetter(metric) ? y >= worst : y <= worst));
  const words = answer
    ? t("small.winner", { count: grouped(answer.parameters), value: metricText(metric, race.value(answer)), seeds: answer.values.length })
    : t("small.none");
  return (
    <>
      <p class="verdict" role="status">
        {words}
      </p>
      <Scatter
        points={shown}
        line={race.front.map(point).filter(({ y }) => higherIsBetter(metric) || y <= worst)}
        chosen={answer ? point(answer) : null}
        goal={now.goal}
        xLabel={t("small.weights")}
        yLabel={`${metricTitle(metric)}, ${t("train.validation")}`}
        text={(value) => metricText(metric, value)}
        summary={`${t("small.front", { metric: metricTitle(metric) })}. ${words}`}
      />
      <p class="soft">
        {t("small.tried", { count: tried.length })}. {t("small.front", { metric: metricTitle(metric) })}
      </p>
      {answer ? (
        <div class="row">
          <code class="mono grow">{answer.text}</code>
          <button
            type="button"
            onClick={() => {
              choose(now.name, answer.text, { learning_rate: now.rate * answer.genes.rate });
              view.value = "train";
            }}
          >
            {t("small.take")}
          </button>
        </div>
      ) : null}
    </>
  );
}
