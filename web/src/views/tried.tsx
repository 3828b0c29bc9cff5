/** A row for everything that was trained in this visit. */
import { grouped } from "../architecture/python.ts";
import { changesText, downloadTried, takeUp, tried } from "../state/tried.ts";
import { metricText, seconds, t } from "../texts/text.ts";
import { metricTitle } from "./train.tsx";
import { datasetTitle } from "./top.tsx";

export function TriedTable() {
  const rows = tried.value;
  if (!rows.length) return null;
  const heads = [t("tried.number"), t("dataset.label"), t("preset.label"), t("small.weights"), t("train.seeds"), t("tried.metric"), t("train.validation"), t("train.test"), t("tried.time"), ""];
  return (
    <section class="card" aria-labelledby="tried-title">
      <header>
        <h2 id="tried-title">{t("tried.title")}</h2>
        <button class="quiet" type="button" onClick={downloadTried}>
          {t("tried.download")}
        </button>
      </header>
      <div class="scroll" tabIndex={0} role="group" aria-label={t("tried.rows")}>
        <table class="tried">
          <thead>
            <tr>
              {heads.map((head, i) => (head ? <th key={i} scope="col">{head}</th> : <td key={i} />))}
            </tr>
          </thead>
          <tbody>
            {[...rows].reverse().map((row) => (
              <tr key={row.number}>
                <td>{row.number}</td>
                <td>{datasetTitle(row.dataset)}</td>
                <td class="mono">
                  {row.written}
                  {Object.keys(row.changes).length ? <small>{` ${changesText(row.changes)}`}</small> : null}
                </td>
                <td>{grouped(row.parameters)}</td>
                <td>{row.seeds}</td>
                <td>{metricTitle(row.metric)}</td>
                <td>{metricText(row.metric, row.validation)}</td>
                <td>{metricText(row.metric, row.test)}</td>
                <td>{seconds(row.took)}</td>
                <td>
                  <button type="button" onClick={() => takeUp(row)} aria-label={t("tried.takeRow", { number: row.number })}>
                    {t("tried.take")}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
