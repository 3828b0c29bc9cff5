/** The question that somebody is at, so that every view can lead on. */
import { signal } from "@preact/signals";
import { settingsOf } from "../presets.ts";
import { truth, type NamedNetwork } from "../truth.ts";
import { choose, loaded, view, type View } from "./lab.ts";
import { start } from "./training.ts";

/** The question's key; null where nobody is at any. */
export const asked = signal<string | null>(null);

/** Where a question is best looked into, once something is trained. */
const WHERE: Partial<Record<string, View>> = { q2: "small", q3: "look", q5: "compare", q7: "compare", q8: "look" };

export const whereOf = (question: string): View => WHERE[question] ?? "train";

export const questionKeys = Object.keys(truth.exercise.questions);

export function nextOf(question: string): string | undefined {
  return questionKeys[questionKeys.indexOf(question) + 1];
}

/** Sets the laboratory up for a network of a question, and trains it as soon as its data is there. */
export function setUp(question: string, network: NamedNetwork): void {
  asked.value = question;
  choose(network.dataset, network.architecture, settingsOf(network));
  view.value = "train";
  void loaded(network.dataset).then(() => start());
}
