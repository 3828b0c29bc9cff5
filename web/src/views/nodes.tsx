/** What the nodes of a recurrent layer do over the steps, and its gates; each can be silenced. */
import { useSignal } from "@preact/signals";
import type { Activity } from "../engine/model.ts";
import { canSilence, type Part } from "../engine/silencing.ts";
import { Chart } from "../pictures/chart.tsx";
import { lineColour } from "../pictures/colours.ts";
import { looked, off, toggle } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { maybe, t } from "../texts/text.ts";
import { title } from "./block.tsx";
import { Off } from "./off.tsx";

/** Of nodes that are drawn; more could not be told apart. */
const MOST = 16;

export function Nodes({ activity }: { activity: Activity }) {
  watch();
  const gate = useSignal("hidden");
  const net = looked.value;
  const layer = net?.layers[activity.layer];
  if (!net || !layer) return null;
  const kinds = ["hidden", ...Object.keys(activity.gates)];
  const chosen = kinds.includes(gate.value) ? gate.value : "hidden";
  const values = chosen === "hidden" ? activity.hidden : (activity.gates[chosen] ?? activity.hidden);
  const steps = values.length / activity.units;
  const units = Math.min(activity.units, MOST);
  const name = `${title(layer)} ${activity.layer + 1}`;
  const canBeOff = canSilence(net, activity.layer);
  const id = `nodes-${activity.layer}`;
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          {t("look.hidden")} <small>{name}</small>
        </h2>
        <div class="row" role="group" aria-label={t("look.gates")}>
          {kinds.map((kind) => (
            <button key={kind} type="button" aria-pressed={kind === chosen} onClick={() => (gate.value = kind)}>
              {maybe(`look.gate.${kind}`) ?? kind}
            </button>
          ))}
        </div>
      </header>
      <Chart
        x={Array.from({ length: steps }, (_, step) => step)}
        lines={Array.from({ length: units }, (_, unit) => ({
          label: t("look.node", { number: unit + 1 }),
          colour: lineColour(unit),
          values: Array.from({ length: steps }, (_step, step) => values[step * activity.units + unit] ?? null),
          isDashed: unit >= 8,
        }))}
        xLabel={t("look.step")}
        yLabel=""
        height={210}
        summary={t("look.nodesSummary", { what: maybe(`look.gate.${chosen}`) ?? chosen, count: units, layer: name })}
      />
      {canBeOff ? (
        <>
          <small>{t("look.hiddenHint")}</small>
          <div class="row">
            {Array.from({ length: units }, (_, unit) => {
              const part: Part = `${activity.layer}:${unit}`;
              return (
                <button key={unit} type="button" aria-pressed={off.value.has(part)} onClick={() => toggle(part)}>
                  <i class="dot" style={{ background: lineColour(unit) }} />
                  {t("look.node", { number: unit + 1 })}
                  {off.value.has(part) ? ` (${t("look.isOff")})` : ""}
                </button>
              );
            })}
          </div>
        </>
      ) : null}
      <Off />
    </section>
  );
}
