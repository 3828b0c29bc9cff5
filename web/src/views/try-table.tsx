/** Move a row's numbers, and see the answer change at once. */
import { computed, signal } from "@preact/signals";
import { example, looked, outputsOf, sample, shown, split } from "../state/inside.ts";
import { dataset, engine } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { number, t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";

/** The row as it stands; empty before anybody has moved anything. */
const row = signal<Float32Array>(new Float32Array());
const MOST = 40;

/** The least and the most of every input among the training examples. */
const ranges = computed(() => {
  const data = dataset.value;
  const from = data?.splits.training;
  if (!from || data.inputShape.length !== 1) return [];
  const width = data.inputShape[0] ?? 0;
  return Array.from({ length: width }, (_, k) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = k; i < from.x.length; i += width) {
      low = Math.min(low, from.x[i] ?? 0);
      high = Math.max(high, from.x[i] ?? 0);
    }
    return [low, high] as const;
  });
});

export function TryTable() {
  watch();
  const [net, own, all, from, data] = [looked.value, engine.value, shown.value, split.value, dataset.value];
  if (!net || !own || !all || !from || !data) return null;
  const width = data.inputShape[0] ?? 1;
  const x = row.value.length === width ? row.value : sample(from, Math.min(example.value, from.count - 1));
  const said = net.predict(own, all, x, 1);
  return (
    <section class="card" aria-labelledby="try-title">
      <header>
        <h2 id="try-title">{t("try.table")}</h2>
        <button type="button" onClick={() => (row.value = sample(from, Math.floor(Math.random() * from.count)).slice())}>
          {t("try.example")}
        </button>
      </header>
      <div class="settings">
        {ranges.value.slice(0, MOST).map(([low, high], k) => (
          <label key={k}>
            <span>
              x{k + 1}: <b>{number(x[k])}</b>
            </span>
            <input
              type="range"
              min={low}
              max={high}
              step={(high - low) / 200 || 1}
              value={x[k] ?? 0}
              onInput={(event) => {
                const next = x.slice();
                next[k] = event.currentTarget.valueAsNumber;
                row.value = next;
              }}
            />
          </label>
        ))}
      </div>
      <h3>{t("try.says")}</h3>
      {data.task === "regression" ? (
        <p class="verdict">{Array.from({ length: outputsOf(net) }, (_, k) => number(said[k])).join(", ")}</p>
      ) : (
        <Answer classNames={data.classNames} answer={said} />
      )}
    </section>
  );
}
