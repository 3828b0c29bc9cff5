/** The view that looks inside: of images or of sequences. */
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { LookImages } from "./look-images.tsx";
import { LookSequences } from "./look-sequences.tsx";

export function Look() {
  const dimensions = dataset.value?.inputShape.length;
  if (dimensions === 3) return <LookImages />;
  if (dimensions === 2) return <LookSequences />;
  return <p class="card soft">{t("look.table")}</p>;
}
