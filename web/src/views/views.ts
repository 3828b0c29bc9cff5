/** The views by name. */
import type { ComponentType } from "preact";
import type { View } from "../state/lab.ts";
import { Look } from "./look.tsx";
import { Train } from "./train.tsx";

const Soon: ComponentType = () => null;

export const VIEWS: Record<View, ComponentType> = {
  train: Train,
  look: Look,
  try: Soon,
  compare: Soon,
  small: Soon,
  exercise: Soon,
  data: Soon,
};
