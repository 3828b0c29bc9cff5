/** Layers that the page has not are refused by name, in netlet's spelling and in Keras's. */
import { expect, it } from "vitest";
import { readLayers } from "../src/architecture/text.ts";
import { truth } from "../src/truth.ts";

it.each(Object.entries(truth.absent))("%s", (kind, words) => {
  const keras = truth.layers[kind]?.keras ?? "";
  for (const name of [kind, keras])
    expect(() => readLayers(`dense(2) - ${name}(gru(3))`)).toThrow(`${name} at column 12: ${words}`);
});
