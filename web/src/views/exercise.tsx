/** The exercise as a path: each question sets the laboratory up, asks, and takes an answer. */
import { useSignal } from "@preact/signals";
import { settingsOf } from "../presets.ts";
import { addMeasured, answerTo, asJson, asMarkdown, measured, measuredText, write } from "../state/answers.ts";
import { download } from "../state/files.ts";
import { choose, view } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";
import { truth } from "../truth.ts";

export function Exercise() {
  const { parts, questions } = truth.exercise;
  const opened = useSignal(Object.keys(questions)[0] ?? "");
  return (
    <section class="card" aria-labelledby="exercise-title">
      <header>
        <h2 id="exercise-title">{t("exercise.title")}</h2>
        <span class="row">
          <button type="button" onClick={() => download("answers.md", asMarkdown(), "text/markdown")}>
            {t("exercise.save")}
          </button>
          <button type="button" onClick={() => download("results.json", asJson(), "application/json")}>
            {t("exercise.saveJson")}
          </button>
        </span>
      </header>
      <small>{t("exercise.hint")}</small>
      {parts.map((part) => (
        <div key={part.title} class="stack part">
          <h3>{part.title}</h3>
          {part.questions.map((key) => (
            <Question key={key} name={key} isOpen={opened.value === key} open={() => (opened.value = key)} />
          ))}
        </div>
      ))}
    </section>
  );
}

function Question({ name, isOpen, open }: { name: string; isOpen: boolean; open: () => void }) {
  const question = truth.exercise.questions[name];
  if (!question) return null;
  const own = answerTo(name);
  const isDone = own.text.trim() !== "";
  return (
    <div class="question">
      <button type="button" class="title" aria-expanded={isOpen} onClick={open}>
        <b>{question.number}</b> {question.title} {isDone ? <small>✓ {t("exercise.done")}</small> : null}
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
  return (
    <div class="stack opened">
      <p>{question.asks}</p>
      <div class="row" role="group" aria-label={t("exercise.networks")}>
        <small>{t("exercise.networks")}:</small>
        {question.networks.map((key) => {
          const network = truth.exercise.networks[key];
          if (!network) return null;
          return (
            <button
              key={key}
              type="button"
              title={network.architecture}
              onClick={() => {
                choose(network.dataset, network.architecture, settingsOf(network));
                view.value = "train";
              }}
            >
              {network.name}
            </button>
          );
        })}
      </div>
      <label>
        {t("exercise.your", { number: question.number })}
        <textarea class="prose" rows={5} value={own.text} onInput={(event) => write(name, event.currentTarget.value)} />
      </label>
      {own.measured.map((found, i) => (
        <p class="mono" key={i}>
          {measuredText(found)}
        </p>
      ))}
      <div class="row">
        <button type="button" disabled={!measured()} onClick={() => addMeasured(name)}>
          {t("exercise.addFigures")}
        </button>
        <small>{measured() ? t("exercise.measured") : t("exercise.none")}</small>
      </div>
    </div>
  );
}
