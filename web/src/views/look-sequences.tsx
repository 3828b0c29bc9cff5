/** Inside a network of sequences: its answer, what its nodes and gates do, what each adds, how far back it remembers. */
import { example, inside, isTrained, looked } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";
import { ExamplePicker } from "./example.tsx";
import { Contributions } from "./contributions.tsx";
import { Memory } from "./memory.tsx";
import { Nodes } from "./nodes.tsx";
import { Signals } from "./signals.tsx";

export function LookSequences() {
  watch();
  const [net, seen] = [looked.value, inside.value];
  if (!net || !seen) return <p class="card soft">{t("train.fix")}</p>;
  return (
    <>
      {isTrained.value ? null : <p class="note">{t("look.untrained")}</p>}
      <section class="card" aria-labelledby="example-title">
        <header>
          <h2 id="example-title">{t("look.sequence", { number: example.value })}</h2>
          <ExamplePicker />
        </header>
        <Signals height={240} />
      </section>
      {seen.recurrent.map((activity) => (
        <Nodes key={activity.layer} activity={activity} />
      ))}
      <div class="two">
        <Contributions />
        <Memory />
      </div>
    </>
  );
}
