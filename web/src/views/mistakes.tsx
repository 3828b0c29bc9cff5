/** The examples that the network was most wrong about. */
import { judged } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { Thumbs } from "./thumbs.tsx";

export function Mistakes() {
  const found = judged.value;
  const names = dataset.value?.classNames;
  if (!found || !names) return null;
  return (
    <section class="card" aria-labelledby="mistakes-title">
      <header>
        <h2 id="mistakes-title">{t("look.mistakes")}</h2>
        <small>{t("look.mistakesHint")}</small>
      </header>
      {found.mistakes.length ? (
        <Thumbs
          examples={found.mistakes}
          most={24}
          note={(i) => t("look.took", { truth: names[found.truly[i] ?? 0] ?? "", guess: names[found.said[i] ?? 0] ?? "" })}
        />
      ) : (
        <p class="soft">{t("look.noMistakes")}</p>
      )}
    </section>
  );
}
