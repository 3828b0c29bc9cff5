/** The view that looks inside: of images, sequences or tables; tiny networks whole. */
import { dataset } from "../state/lab.ts";
import { LookImages } from "./look-images.tsx";
import { LookSequences } from "./look-sequences.tsx";
import { LookTables } from "./look-tables.tsx";
import { Whole } from "./whole.tsx";

export function Look() {
  const dimensions = dataset.value?.inputShape.length;
  return (
    <>
      {dimensions === 3 ? <LookImages /> : dimensions === 2 ? <LookSequences /> : <LookTables />}
      <Whole />
    </>
  );
}
