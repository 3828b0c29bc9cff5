/** The views by name. */
import type { ComponentType } from "preact";
import type { View } from "../state/lab.ts";
import { Look } from "./look.tsx";
import { Train } from "./train.tsx";
import { Try } from "./try.tsx";

const Soon: ComponentType = () => null;

export const VIEWS: Record<View, ComponentType> = {
  train: Train,
  look: Look,
  try: Try,
  compare: Soon,
  small: Soon,
  exercise: Soon,
  data: Soon,
};
