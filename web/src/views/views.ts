/** The views by name. */
import type { ComponentType } from "preact";
import type { View } from "../state/lab.ts";
import { Compare } from "./compare.tsx";
import { Data } from "./data.tsx";
import { Exercise } from "./exercise.tsx";
import { Look } from "./look.tsx";
import { Small } from "./small.tsx";
import { Train } from "./train.tsx";
import { Try } from "./try.tsx";

export const VIEWS: Record<View, ComponentType> = {
  train: Train,
  look: Look,
  try: Try,
  compare: Compare,
  small: Small,
  exercise: Exercise,
  data: Data,
};
