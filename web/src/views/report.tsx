/** The report as it is printed: every question, what was written, and what was measured for it. Not on the screen. */
import { isAnswered } from "../exercise/results.ts";
import type { Measured } from "../exercise/written.ts";
import { grouped } from "../architecture/python.ts";
import { rankedBy } from "../metrics.ts";
import { answerTo, medianText, written } from "../state/answers.ts";
import { t } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { metricTitle } from "./train.tsx";

export function Report() {
  const { name, introduction, summary } = written.value;
  return (
    <article class="report" aria-hidden="true">
      <h1>{truth.exercise.title}</h1>
      <p>{[name, new Date().toISOString().slice(0, 10), `netlet ${truth.version}`].filter(Boolean).join(", ")}</p>
      <Paragraphs text={introduction} />
      {Object.entries(truth.exercise.questions)
        .filter(([key]) => isAnswered(answerTo(key)))
        .map(([key, question]) => (
          <section key={key}>
            <h2>{`${question.number}. ${question.title}`}</h2>
            <p class="asks">{question.asks}</p>
            <Paragraphs text={answerTo(key).text} />
            <Table measured={answerTo(key).measured} />
          </section>
        ))}
      {summary.trim() ? <h2>{t("exercise.summary")}</h2> : null}
      <Paragraphs text={summary} />
    </article>
  );
}

function Paragraphs({ text }: { text: string }) {
  return (
    <>
      {text
        .split(/\n\s*\n/)
        .filter((part) => part.trim())
        .map((part, i) => (
          <p key={i}>{part}</p>
        ))}
    </>
  );
}

function Table({ measured }: { measured: Measured[] }) {
  const [first] = measured;
  if (!first) return null;
  const splits = ["training", "validation", "test"] as const;
  return (
    <table>
      <caption>{t("report.caption", { metric: metricTitle(rankedBy(first.task)) })}</caption>
      <thead>
        <tr>
          {[t("report.network"), t("small.weights"), t("train.seeds"), ...splits.map((split) => t(`train.${split}`))].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measured.map((found, i) => (
          <tr key={i}>
            <td>
              {found.name}
              <br />
              <small class="mono">{found.architecture}</small>
            </td>
            <td>{grouped(found.parameters)}</td>
            <td>{found.seeds.length}</td>
            {splits.map((split) => (
              <td key={split}>{medianText(found, split)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
