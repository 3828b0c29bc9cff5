/** The one command line, the Python lines and the Keras code that do what the page does. */
import { kerasCode } from "../architecture/keras.ts";
import type { Training } from "../truth.ts";
import { datasetName, effective, firstSeed, model, own, seeds, text, training } from "./lab.ts";

const quotedShell = (written: string) => `'${written.replaceAll("'", "'\\''")}'`;

function option([name, value]: [string, string | number | boolean | null]): string {
  const flag = name.replaceAll("_", "-");
  if (typeof value === "boolean") return value ? `--${flag}` : `--no-${flag}`;
  return `--${flag} ${value === null ? 0 : String(value)}`;
}

const place = () => (own.value.has(datasetName.value) ? "my-data" : datasetName.value);

export function commandLine(): string {
  const options = Object.entries(effective.value).map(option);
  const first = firstSeed.value ? [`--first-seed ${firstSeed.value}`] : [];
  return ["netlet train", place(), quotedShell(text.value), `--seeds ${seeds.value}`, ...first, ...options].join(" ");
}

const python = (value: unknown): string =>
  value === null ? "None" : typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);

export function pythonCode(): string {
  const settings = Object.entries(effective.value).map(([name, value]) => `, ${name}=${python(value)}`);
  const chosen = firstSeed.value
    ? `range(${firstSeed.value}, ${firstSeed.value + seeds.value})`
    : String(seeds.value);
  return [
    "import netlet as nl",
    "",
    `data = nl.load(${python(place())})`,
    `runs = nl.train(${python(text.value)}, data, seeds=${chosen}${settings.join("")})`,
    "print(runs)",
    "",
  ].join("\n");
}

const OPTIMIZERS: Record<string, (t: Training) => string> = {
  sgd: (t) => `SGD(${t.learning_rate}, momentum=${t.momentum}, nesterov=${python(t.nesterov)})`,
  rmsprop: (t) => `RMSprop(${t.learning_rate}, rho=${t.rho}, momentum=${t.momentum})`,
  adam: (t) => `Adam(${t.learning_rate})`,
  nadam: (t) => `Nadam(${t.learning_rate})`,
};
const LOSSES = { binary: "binary_crossentropy", categorical: "categorical_crossentropy", regression: "mse" };

export function kerasLines(): string {
  const net = model.value;
  if (!net) return "";
  const settings = training.value;
  const optimizer = OPTIMIZERS[settings.optimizer]?.(settings) ?? "Adam()";
  const isClassifier = net.purpose.task !== "regression";
  return (
    kerasCode(net.layers, net.purpose.inputShape) +
    [
      `model.compile(keras.optimizers.${optimizer}, loss="${LOSSES[net.purpose.task]}"${isClassifier ? ', metrics=["accuracy"]' : ""})`,
      `model.fit(x_train, y_train, batch_size=${settings.batch_size}, epochs=${settings.epochs}, validation_data=(x_val, y_val))`,
      "",
    ].join("\n")
  );
}
