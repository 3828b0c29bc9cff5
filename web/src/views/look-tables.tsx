/** Inside a network of tables: a row, what it answers, the whole network if it is tiny, right and wrong. */
import { example, inside, isTrained, looked, outputsOf, sample, split, target } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { number, t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";
import { Confusion } from "./confusion.tsx";
import { ExamplePicker } from "./example.tsx";
import { labelOf } from "./glimpse.tsx";
import { LayerMaps } from "./maps.tsx";
import { Mistakes } from "./mistakes.tsx";
import { Off } from "./off.tsx";

export function LookTables() {
  watch();
  const [net, from, seen, data] = [looked.value, split.value, inside.value, dataset.value];
  if (!net || !from || !seen || !data) return <p class="card soft">{t("train.fix")}</p>;
  const isClassifier = data.task !== "regression";
  const [row, truth, said] = [sample(from, example.value), target(from, example.value), seen.layers.at(-1) ?? new Float32Array()];
  return (
    <>
      {isTrained.value ? null : <p class="note">{t("look.untrained")}</p>}
      <section class="card" aria-labelledby="example-title">
        <header>
          <h2 id="example-title">{t("look.example", { number: example.value })}</h2>
          <ExamplePicker />
        </header>
        <p class="mono">{Array.from(row, (value, k) => `x${row.length > 1 ? k + 1 : ""} = ${number(value)}`).join(", ")}</p>
        {isClassifier ? (
          <Answer classNames={data.classNames} answer={said} truth={labelOf(truth)} />
        ) : (
          <p>{Array.from({ length: outputsOf(net) }, (_, k) => t("look.told", { target: number(truth[k]), said: number(said[k]) })).join("; ")}</p>
        )}
        <Off />
        <div class="layers">
          {net.layers.map((layer, index) => (
            <LayerMaps key={index} layer={layer} index={index} size={84} />
          ))}
        </div>
      </section>
      {isClassifier ? (
        <div class="two">
          <Confusion />
          <Mistakes />
        </div>
      ) : null}
    </>
  );
}
