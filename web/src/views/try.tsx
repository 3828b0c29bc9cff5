/** The view to try a network on what one draws oneself. */
import { isTrained, looked } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { TryDrawing } from "./try-drawing.tsx";
import { TryTable } from "./try-table.tsx";
import { TryPulses } from "./try-pulses.tsx";

export function Try() {
  const dimensions = dataset.value?.inputShape.length;
  if (!looked.value) return <p class="card soft">{t("train.fix")}</p>;
  return (
    <>
      {isTrained.value ? null : <p class="note">{t("look.untrained")}</p>}
      {dimensions === 3 ? <TryDrawing /> : dimensions === 2 ? <TryPulses /> : <TryTable />}
    </>
  );
}
