/** The exercise as a path: each question sets the laboratory up, asks, and takes an answer. */
import { isAnswered } from "../exercise/results.ts";
import type { Measured } from "../exercise/written.ts";
import { addMeasured, answerTo, change, downloadAnswers, downloadResults, forget, measured, medianText, write, written } from "../state/answers.ts";
import { asked, nextOf, questionKeys, setUp } from "../state/guide.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { Report } from "./report.tsx";

export function Exercise() {
  return (
    <>
      <Report />
      <section class="card screen" aria-labelledby="exercise-title">
        <header>
          <h2 id="exercise-title">{t("exercise.title")}</h2>
          <small>{t("exercise.progress", { done: questionKeys.filter((key) => isAnswered(answerTo(key))).length, all: questionKeys.length })}</small>
        </header>
        <small>{t("exercise.hint")}</small>
        {truth.exercise.parts.map((part) => (
          <div key={part.key} class="stack part">
            <h3>{part.title}</h3>
            {part.questions.map((key) => (
              <Question key={key} name={key} />
            ))}
          </div>
        ))}
      </section>
      <HandIn />
    </>
  );
}

function Question({ name }: { name: string }) {
  const question = truth.exercise.questions[name];
  if (!question) return null;
  const isOpen = (asked.value ?? questionKeys[0]) === name;
  return (
    <div class="question">
      <button type="button" class="title" aria-expanded={isOpen} onClick={() => (asked.value = name)}>
        <b>{question.number}</b> {question.title} {isAnswered(answerTo(name)) ? <small>✓ {t("exercise.done")}</small> : null}
      </button>
      {isOpen ? <Opened name={name} /> : null}
    </div>
  );
}

function Opened({ name }: { name: string }) {
  watch();
  const question = truth.exercise.questions[name];
  if (!question) return null;
  const own = answerTo(name);
  const now = measured();
  const next = nextOf(name);
  return (
    <div class="stack opened">
      <p>{question.asks}</p>
      <div class="row" role="group" aria-label={t("exercise.networks")}>
        <small>{t("exercise.networks")}:</small>
        {question.networks.map((key) => {
          const network = truth.exercise.networks[key];
          return network ? (
            <button key={key} type="button" title={network.architecture} onClick={() => setUp(name, network)}>
              {network.name}
            </button>
          ) : null;
        })}
      </div>
      <label>
        {t("exercise.your", { number: question.number })}
        <textarea class="prose" rows={5} value={own.text} onInput={(event) => write(name, event.currentTarget.value)} />
      </label>
      {own.measured.map((found, i) => (
        <Figures key={i} found={found} remove={() => forget(name, found)} />
      ))}
      <div class="row">
        <button type="button" disabled={!now} onClick={() => addMeasured(name)}>
          {t("exercise.addFigures")}
        </button>
        <small>{now ? t("exercise.measured") : t("exercise.none")}</small>
        {next ? (
          <button type="button" class="last" onClick={() => (asked.value = next)}>
            {t("exercise.next")}
          </button>
        ) : null}
      </div>
    </div>
  );
}

function Figures({ found, remove }: { found: Measured; remove: () => void }) {
  return (
    <p class="row">
      <span class="mono grow">{figuresText(found)}</span>
      <button class="icon quiet" type="button" onClick={remove} aria-label={t("exercise.forget", { name: found.name })}>
        ✕
      </button>
    </p>
  );
}

/** One line about what was measured. */
function figuresText(found: Measured): string {
  const parts = Object.keys(found.metrics).map((split) => `${t(`train.${split}` as "train.test")} ${medianText(found, split)}`);
  return t("exercise.figures", { name: found.name, weights: found.parameters, seeds: found.seeds.length, values: parts.join(", ") });
}

/** What goes out: the files that the command line takes, and the report on paper. */
function HandIn() {
  const { name, introduction, summary, answers } = written.value;
  const hasOwnData = Object.values(answers).some((answer) => answer.measured.some((found) => found.isOwnData));
  return (
    <section class="card screen" aria-labelledby="hand-in-title">
      <h2 id="hand-in-title">{t("exercise.handIn")}</h2>
      <div class="settings">
        <label>
          {t("exercise.name")}
          <input type="text" value={name} autocomplete="name" onInput={(event) => change({ name: event.currentTarget.value })} />
        </label>
      </div>
      <label>
        {t("exercise.introduction")}
        <textarea class="prose" rows={2} value={introduction} onInput={(event) => change({ introduction: event.currentTarget.value })} />
      </label>
      <label>
        {t("exercise.summary")}
        <textarea class="prose" rows={2} value={summary} onInput={(event) => change({ summary: event.currentTarget.value })} />
      </label>
      <div class="row">
        <button type="button" onClick={downloadAnswers}>
          {t("exercise.save")}
        </button>
        <button type="button" onClick={() => void downloadResults()}>
          {t("exercise.saveJson")}
        </button>
        <button type="button" onClick={() => print()}>
          {t("exercise.print")}
        </button>
      </div>
      <small>{t("exercise.handInHint")}</small>
      {hasOwnData ? <p class="note">{t("exercise.ownData")}</p> : null}
    </section>
  );
}
