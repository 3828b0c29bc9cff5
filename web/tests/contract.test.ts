/** What Python says (tests/web/contract.py), held against what the page says. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArchitectureError } from "../src/architecture/arguments.ts";
import { fitted, outputShapes, parameters, withSequences, type Purpose } from "../src/architecture/fit.ts";
import { kerasCode, summary } from "../src/architecture/keras.ts";
import { writeLayers, type Layer, type Shape } from "../src/architecture/layers.ts";
import { readLayers } from "../src/architecture/text.ts";
import { Model, type ModelPurpose } from "../src/engine/model.ts";
import { formula } from "../src/inspect/formula.ts";
import { evaluate, summarise } from "../src/metrics.ts";
import type { Task } from "../src/truth.ts";

interface Case {
  text: string;
  purpose: Purpose;
  readError?: string;
  canonical?: string;
  parameters?: number;
  shapes?: Shape[];
  keras?: string;
  summary?: string;
  shapesError?: string;
  resolved?: string;
  resolveError?: string;
}

type Told = number | "nan" | "inf" | null;

interface Contract {
  architectures: Case[];
  metrics: { task: Task; y: number[]; prediction: (number | null)[]; outputs: number; metrics: Record<string, Told> }[];
  formulas: { text: string; purpose: ModelPurpose; weights: number[]; lines: string[] }[];
  spreads: { values: Told[]; higherIsBetter: boolean; distribution: Record<string, Told> }[];
}

const path = process.env.NETLET_CONTRACT;
const contract = path ? (JSON.parse(readFileSync(path, "utf-8")) as Contract) : undefined;

function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof ArchitectureError) return error.message;
    throw error;
  }
}

const heard = (told: Told | undefined) => (told === "nan" ? NaN : told === "inf" ? Infinity : told);

describe.skipIf(!contract)("the contract", () => {
  it("has at least 3,000 architectures", () => {
    expect(contract?.architectures.length).toBeGreaterThanOrEqual(3000);
  });

  it("says of every architecture what Python says", () => {
    for (const known of contract?.architectures ?? []) {
      const { inputShape } = known.purpose;
      const where = `${JSON.stringify(known.text)} on ${known.purpose.name}`;
      const layers = attempt(() => readLayers(known.text));
      if (typeof layers === "string") {
        expect(layers, where).toBe(known.readError);
        continue;
      }
      expect(writeLayers(layers), where).toBe(known.canonical ?? known.readError);
      const sequenced: Layer[] = withSequences(layers, false);
      const shapes = attempt(() => outputShapes(sequenced, inputShape));
      expect(shapes, where).toEqual(known.shapes ?? known.shapesError);
      if (known.shapes) {
        expect(parameters(layers, inputShape), where).toBe(known.parameters);
        expect(kerasCode(layers, inputShape), where).toBe(known.keras);
        expect(summary(layers, inputShape), where).toBe(known.summary);
      }
      const resolved = attempt(() => writeLayers(fitted(layers, known.purpose)));
      expect(resolved, where).toBe(known.resolved ?? known.resolveError);
    }
  });

  it("measures what Python measures", () => {
    for (const known of contract?.metrics ?? []) {
      const prediction = Float32Array.from(known.prediction.map((p) => p ?? NaN));
      const found = evaluate(known.task, Float32Array.from(known.y), prediction, known.outputs);
      for (const [name, told] of Object.entries(known.metrics)) {
        const value = heard(told);
        if (value === null || value === undefined || Number.isNaN(value)) expect(found[name]).toEqual(value);
        else expect(found[name]).toBeCloseTo(value, 6);
      }
    }
  });

  it("writes networks down as Python does", () => {
    for (const { text, purpose, weights, lines } of contract?.formulas ?? []) {
      const model = Model.fit(readLayers(text), purpose);
      expect(formula(model, Float32Array.from(weights))?.lines, text).toEqual(lines);
    }
  });

  it("summarises seeds as Python does", () => {
    for (const { values, higherIsBetter, distribution } of contract?.spreads ?? []) {
      const found = summarise(values.map((value) => heard(value) ?? null), higherIsBetter);
      const told = Object.fromEntries(Object.entries(distribution).map(([name, value]) => [name, heard(value)]));
      expect(found.median).toEqual(told.median);
      expect(found.lowerQuartile).toEqual(told.lower_quartile);
      expect(found.upperQuartile).toEqual(told.upper_quartile);
      expect(found.best).toEqual(told.best);
      expect([found.count, found.diverged]).toEqual([told.count, told.diverged]);
    }
  });
});
