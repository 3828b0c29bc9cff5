/** Networks saved and opened. */
import { networkFile, readNetworkFile, type SavedNetwork } from "../data/network-file.ts";
import { FileProblem } from "../data/npy.ts";
import type { Dataset } from "../data/dataset.ts";
import { t } from "../texts/text.ts";
import { addOwn, choose, dataset, firstSeed, loaded, model, own, seeds } from "./lab.ts";
import { adopt, run, session } from "./training.ts";
import { truth } from "../truth.ts";
import { weights } from "./inside.ts";

/** Hands a file to whoever uses the page. */
export function download(name: string, content: Uint8Array | string, type: string): void {
  const part = typeof content === "string" ? content : content.slice();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([part], { type }));
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 10_000);
}

/** The network that is looked at, as it is at the epoch that is looked at. */
export function saveNetwork(): void {
  const [now, data, all, one] = [session.value, dataset.value, weights.value, run.value];
  if (!now || !data || !all || !one) return;
  const isGenerated = !own.value.has(data.name);
  const about = {
    dataset: data.name,
    ...(isGenerated ? { content: data.content } : {}),
    class_names: data.classNames,
    seed: one.seed,
    training: now.training,
  };
  const bytes = networkFile(now.model, all, data.classNames, about);
  download(`${data.name}-seed${one.seed}.netlet`, bytes, "application/octet-stream");
}

/** A lab's dataset that a network fits, by what is known of it, or else by its shape. */
function datasetFor(about: Record<string, unknown>, inputShape: number[], task: string): string | undefined {
  const named = typeof about.dataset === "string" ? about.dataset : "";
  const fits = (name: string) => {
    const known = own.value.get(name) ?? (Object.hasOwn(truth.datasets, name) ? truth.datasets[name] : undefined);
    return known?.task === task && String(known.inputShape) === String(inputShape);
  };
  if (fits(named)) return named;
  return [...own.value.keys(), ...Object.keys(truth.datasets)].find(fits);
}

/** The dataset, or another one of the same numbers that is scaled as the network wants it; by its name. */
async function withScaling(name: string, found: SavedNetwork, file: string): Promise<string> {
  const scaling = ({ inputScaling, targetScaling }: Pick<Dataset, "inputScaling" | "targetScaling">) =>
    JSON.stringify([inputScaling ?? null, targetScaling ?? null]);
  const isAsItIs = scaling(own.value.get(name) ?? {}) === scaling(found);
  if (isAsItIs) return name;
  if (dataset.value?.name !== name) choose(name);
  const data = await loaded(name);
  const { inputScaling, targetScaling } = found;
  const scaled = `${name} (${t("data.scaledAs", { file })})`;
  addOwn({ ...data, name: scaled, inputScaling, targetScaling, isOwn: true });
  return scaled;
}

/** Opens a network; throws a FileProblem if that cannot be. */
export async function openNetwork(file: File): Promise<void> {
  const found = readNetworkFile(new Uint8Array(await file.arrayBuffer()), file.name);
  const name = datasetFor(found.about, found.inputShape, found.task);
  if (!name)
    throw new FileProblem(`${file.name} takes ${found.inputShape.join(" x ")} (${found.task}), and no dataset here has that: open its data first`);
  const used = await withScaling(name, found, file.name);
  choose(used, found.architecture);
  const net = model.value;
  if (net?.parameters !== found.weights.length)
    throw new FileProblem(`${file.name} has ${found.weights.length} weights, but its architecture has ${net?.parameters ?? 0}`);
  const seed = typeof found.about.seed === "number" ? found.about.seed : 0;
  seeds.value = 1;
  firstSeed.value = seed;
  adopt(net, await loaded(used), found.weights, seed);
}
