/** Every seed with what became of it; one can be chosen to be looked at. */
import { rankedBy } from "../metrics.ts";
import { chosenSeed, run, session, watch, type Run } from "../state/training.ts";
import { metricText, t } from "../texts/text.ts";

export function Seeds() {
  watch();
  const now = session.value;
  if (!now) return null;
  const name = rankedBy(now.model.purpose.task);
  const shown = run.value;
  const count = (status: Run["status"]) => now.runs.filter((one) => one.status === status).length;
  return (
    <section class="card" aria-labelledby="seeds-title">
      <header>
        <h2 id="seeds-title">{t("train.seedsTitle")}</h2>
        <small>{t("train.seedsHint")}</small>
      </header>
      <div class="seeds">
        {now.runs.map((one) => (
          <button
            key={one.seed}
            type="button"
            aria-pressed={one === shown}
            onClick={() => (chosenSeed.value = chosenSeed.value === one.seed ? null : one.seed)}
          >
            <small>
              {t("train.single", { seed: one.seed })}
              {one === shown && chosenSeed.value === null ? ` · ${t("train.best")}` : ""}
            </small>
            <Fate one={one} name={name} epochs={now.training.epochs} />
          </button>
        ))}
      </div>
      {count("diverged") ? <p class="note">{t("train.trouble.diverged", { count: count("diverged") })}</p> : null}
      {count("stuck") ? <p class="note">{t("train.trouble.stuck", { count: count("stuck") })}</p> : null}
    </section>
  );
}

function Fate({ one, name, epochs }: { one: Run; name: string; epochs: number }) {
  watch();
  if (one.status === "diverged") return <small class="bad">{t("train.isDiverged", { epoch: one.history.loss.length })}</small>;
  if (one.status === "failed") return <small class="bad">{t("train.isFailed", { message: one.message ?? "" })}</small>;
  const value = one.metrics?.validation?.[name] ?? one.history.valQuality.at(-1) ?? null;
  return (
    <>
      <b>{metricText(name, value)}</b>
      {one.status === "trained" && one.history.loss.length && one.history.loss.length < epochs ? <small>{t("train.reached", { epochs: one.history.loss.length })}</small> : null}
      {one.status === "stuck" ? <small class="bad">{t("train.isStuck")}</small> : null}
      {one.status === "stopped" ? <small>{t("train.isStopped")}</small> : null}
    </>
  );
}
