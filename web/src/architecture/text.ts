/** Layers from an architecture's text: names and arguments bound to what each layer takes. */
import { truth, type LayerTruth } from "../truth.ts";
import { ArchitectureError, checked, didYouMean, quoted, type Argument } from "./arguments.ts";
import { known, makeLayer, type Layer } from "./layers.ts";
import type { Value } from "./python.ts";
import { mistake, Reader, type WrittenArgument, type WrittenLayer } from "./reader.ts";

/** The layers of a text. An error quotes it and names the column of the mistake. */
export function readLayers(text: string): Layer[] {
  const written = new Reader(text).layers();
  return written.map((layer, index) => new Binder(text, layer).layer(index === written.length - 1));
}

class Binder {
  private readonly takes: LayerTruth;
  private readonly fields: string[];
  private readonly given: Record<string, Argument> = {};

  constructor(
    private readonly text: string,
    private readonly written: WrittenLayer,
  ) {
    this.takes = known(written.kind);
    this.fields = this.takes.fields.map((field) => field.name);
  }

  layer(isLast: boolean): Layer {
    this.written.args.forEach((argument, position) => {
      this.bind(position, argument);
    });
    const missing = this.takes.fields.find((field) => field.required && !Object.hasOwn(this.given, field.name));
    if (missing)
      throw this.mistake(
        `${this.written.name} at column ${this.column(this.written.place)} needs ${missing.name}, such as ` +
          `${this.written.kind}(${truth.examples[missing.name]})`,
        this.written.place,
      );
    return makeLayer(this.written.kind, { ...this.defaults(isLast), ...this.given });
  }

  /** Keras's where they differ; but in the last layer an activation left out is what the task needs. */
  private defaults(isLast: boolean): Record<string, Argument> {
    if (!this.written.isKeras) return {};
    const defaults = { ...this.takes.kerasDefaults } as Record<string, Argument>;
    if (isLast && this.takes.gates === 0) delete defaults.activation;
    return defaults;
  }

  private bind(position: number, argument: WrittenArgument): void {
    const name = argument.name === null ? this.positional(position, argument) : this.byName(argument.name, argument);
    const column = this.column(argument.place);
    if (Object.hasOwn(this.given, name))
      throw this.mistake(`${name} is given a second time at column ${column}`, argument.place);
    try {
      this.given[name] = this.checked(name, argument.value);
    } catch (error) {
      if (!(error instanceof ArchitectureError)) throw error;
      throw this.mistake(`${this.written.name} at column ${column}: ${error.message}`, argument.place);
    }
  }

  private positional(position: number, argument: WrittenArgument): string {
    const names = this.takes.positional;
    const column = this.column(argument.place);
    if (this.written.args.slice(0, position).some((earlier) => earlier.name))
      throw this.mistake(
        `the argument at column ${column} needs a name, as it follows one with a name`,
        argument.place,
      );
    const name = names[position];
    if (name !== undefined) return name;
    const takes = names.length ? `only ${names.join(", ")} without a name` : "no arguments without a name";
    throw this.mistake(
      `one argument too many at column ${column}: ${this.written.name} takes ` +
        (this.fields.length ? takes : "no arguments"),
      argument.place,
    );
  }

  private byName(given: string, argument: WrittenArgument): string {
    const renamed = Object.entries(this.takes.kerasArguments).find(([, keras]) => keras === given);
    const name = renamed ? renamed[0] : given;
    if (this.fields.includes(name)) return name;
    let hint = Object.hasOwn(truth.notSaidHere, name) ? truth.notSaidHere[name] : undefined;
    if (hint === undefined) {
      const allowed = this.fields.length ? `allowed: ${this.fields.join(", ")}` : "it takes none";
      hint = `${didYouMean(name, this.fields).replace(/^[; ]+/, "")} ${allowed}`.trim();
    }
    throw this.mistake(
      `${this.written.name} has no argument ${quoted(name)} (column ${this.column(argument.place)}): ${hint}`,
      argument.place,
    );
  }

  private checked(name: string, value: Value): Argument {
    if (value !== null) return checked(name, value, this.takes.rules[name]);
    if (["activation", "recurrent_activation", "function"].includes(name)) {
      if (this.written.isKeras) return "linear";
      throw new ArchitectureError(
        `${name} is none: write linear for no activation, or leave it out for the default`,
      );
    }
    const field = this.takes.fields.find((candidate) => candidate.name === name);
    if (field && !field.required && field.default === null) return null;
    return checked(name, value, this.takes.rules[name]);
  }

  private column(place: number): number {
    return [...this.text.slice(0, place)].length + 1;
  }

  private mistake(message: string, place: number): ArchitectureError {
    return mistake(this.text, message, place);
  }
}
