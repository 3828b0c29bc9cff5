/** The question that somebody is at, above every view: what is asked, where to look, and the way on. */
import { addMeasured, answerTo, measured } from "../state/answers.ts";
import { asked, whereOf } from "../state/guide.ts";
import { view } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { maybe, t } from "../texts/text.ts";
import { truth } from "../truth.ts";

export function Guide() {
  watch();
  const key = asked.value;
  const question = key ? truth.exercise.questions[key] : undefined;
  if (!key || !question || view.value === "exercise") return null;
  const where = whereOf(key);
  const count = answerTo(key).measured.length;
  return (
    <section class="card guide" aria-label={t("exercise.number", { number: question.number })}>
      <header>
        <h2>{t("guide.title", { number: question.number, title: question.title })}</h2>
        <button class="quiet" type="button" onClick={() => (asked.value = null)}>
          {t("guide.leave")}
        </button>
      </header>
      <p>{maybe(`guide.${key}`) ?? question.asks}</p>
      <div class="row">
        {where === view.value ? null : (
          <button type="button" onClick={() => (view.value = where)}>
            {t("guide.where", { view: t(`view.${where}`) })}
          </button>
        )}
        <button type="button" disabled={!measured()} onClick={() => addMeasured(key)}>
          {t("exercise.addFigures")}
        </button>
        <button type="button" onClick={() => (view.value = "exercise")}>
          {t("guide.write")}
        </button>
        <small role="status">{count ? t("guide.kept", { count }) : ""}</small>
      </div>
    </section>
  );
}
