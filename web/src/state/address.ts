/** The whole state but own data in the page's address, so that a link shows what one sees. */
import { batch, effect } from "@preact/signals";
import { truth, type Training } from "../truth.ts";
import { choose, datasetName, effective, firstSeed, goal, own, seeds, text, view, type View } from "./lab.ts";
import { MOST_SEEDS } from "./training.ts";

const VIEWS: View[] = ["train", "look", "try", "compare", "small", "exercise", "data"];

function parsed(name: keyof Training, written: string): Training[keyof Training] | undefined {
  const usual = truth.training[name];
  if (typeof usual === "boolean") return written === "true";
  if (typeof usual === "string") return written;
  if (written === "null" && (usual === null || name === "truncation")) return null;
  const number = Number(written);
  return Number.isFinite(number) && written !== "" ? number : undefined;
}

function whole(written: string | null, least: number, most: number, otherwise: number): number {
  const number = Number(written ?? NaN);
  return Number.isInteger(number) && number >= least && number <= most ? number : otherwise;
}

export function readAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  const name = given.get("data");
  batch(() => {
    const settings: Record<string, unknown> = {};
    for (const key of Object.keys(truth.training) as (keyof Training)[]) {
      const written = given.get(key);
      const value = written === null ? undefined : parsed(key, written);
      if (value !== undefined) settings[key] = value;
    }
    const known = name && Object.hasOwn(truth.datasets, name) ? name : datasetName.peek();
    if (given.size) choose(known, given.get("network") ?? undefined, settings);
    seeds.value = whole(given.get("seeds"), 1, MOST_SEEDS, seeds.peek());
    firstSeed.value = whole(given.get("first"), 0, 2 ** 31, firstSeed.peek());
    const wanted = Number(given.get("goal") ?? NaN);
    if (given.size) goal.value = wanted > 0 && Number.isFinite(wanted) ? wanted : null;
    const shown = given.get("view") as View | null;
    if (shown && VIEWS.includes(shown)) view.value = shown;
  });
}

export function address(): string {
  const given = new URLSearchParams();
  if (!own.value.has(datasetName.value)) given.set("data", datasetName.value);
  given.set("network", text.value);
  for (const [name, value] of Object.entries(effective.value)) given.set(name, String(value));
  given.set("seeds", String(seeds.value));
  if (firstSeed.value) given.set("first", String(firstSeed.value));
  if (goal.value !== null) given.set("goal", String(goal.value));
  if (view.value !== "train") given.set("view", view.value);
  return `#${given.toString()}`;
}

export function keepAddress(): void {
  readAddress();
  addEventListener("hashchange", () => {
    if (location.hash !== address()) readAddress();
  });
  let due: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = address();
    clearTimeout(due);
    // Browsers refuse more than a hundred changes in half a minute.
    due = setTimeout(() => {
      history.replaceState(null, "", now);
    }, 400);
  });
}
