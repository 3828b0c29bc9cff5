/** Which class was taken for which: every cell opens its images. */
import { useSignal } from "@preact/signals";
import { judged } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { Thumbs } from "./thumbs.tsx";

export function Confusion() {
  const opened = useSignal<[number, number] | null>(null);
  const found = judged.value;
  const data = dataset.value;
  if (!found || !data) return null;
  const names = data.classNames;
  const most = Math.max(...found.matrix.flat(), 1);
  const [row, column] = opened.value ?? [-1, -1];
  const inCell = [...found.truly.keys()].filter((i) => found.truly[i] === row && found.said[i] === column);
  return (
    <section class="card" aria-labelledby="confusion-title">
      <header>
        <h2 id="confusion-title">{t("look.confusion")}</h2>
        <small>{t("look.confusionHint")}</small>
      </header>
      <div class="scroll">
        <table class="confusion">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">{t("look.truth")}</span>
              </th>
              {names.map((name) => (
                <th scope="col" key={name}>
                  {t("look.saidTo", { class: name })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.matrix.map((cells, truly) => (
              <tr key={truly}>
                <th scope="row">{names[truly]}</th>
                {cells.map((count, said) => (
                  <td key={said}>
                    <button
                      type="button"
                      aria-pressed={row === truly && column === said}
                      aria-label={t("look.confusionCell", { count, truth: names[truly] ?? "", guess: names[said] ?? "" })}
                      style={{ background: shade(count / most, truly === said) }}
                      onClick={() => (opened.value = row === truly && column === said ? null : [truly, said])}
                    >
                      {count}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {opened.value ? (
        <>
          <h3>{t("look.cellTitle", { truth: names[row] ?? "", guess: names[column] ?? "" })}</h3>
          <Thumbs examples={inCell} most={40} />
        </>
      ) : null}
    </section>
  );
}

function shade(share: number, isRight: boolean): string {
  const colour = isRight ? "var(--blue)" : "var(--orange-bright)";
  return `color-mix(in srgb, ${colour} ${Math.round(8 + 32 * share)}%, transparent)`;
}
