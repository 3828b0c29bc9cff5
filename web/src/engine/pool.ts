/** The workers, and who of them trains what: seeds in parallel, as many at a time as the machine has processors. */
import type { FromWorker, Job, Pace, Source, ToWorker } from "./messages.ts";
import TrainingWorker from "./worker.ts?worker&inline";

const MOST_WORKERS = 8;

export class Pool {
  private readonly workers: Worker[];
  private source: Source | undefined;

  constructor(module: WebAssembly.Module, hear: (message: FromWorker) => void, size?: number) {
    const count = size ?? Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 2));
    this.workers = Array.from({ length: count }, () => {
      const worker = new TrainingWorker();
      worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
      worker.onerror = (event) => hear({ type: "failed", id: -1, seed: -1, message: event.message });
      return worker;
    });
    this.all({ type: "start", module });
  }

  get size(): number {
    return this.workers.length;
  }

  use(source: Source): void {
    if (this.source === source) return;
    this.source = source;
    this.all({ type: "data", source });
  }

  train(jobs: readonly Job[]): void {
    this.workers.forEach((worker, index) => {
      const own = jobs.filter((_, place) => place % this.workers.length === index);
      if (own.length) this.tell(worker, { type: "train", jobs: own });
    });
  }

  pace(pace: Pace): void {
    this.all({ type: "pace", pace });
  }
  step(unit: "batch" | "epoch"): void {
    this.all({ type: "step", unit });
  }
  rate(rate: number): void {
    this.all({ type: "rate", rate });
  }
  stop(): void {
    this.all({ type: "stop" });
  }
  close(): void {
    this.workers.forEach((worker) => {
      worker.terminate();
    });
  }

  private all(message: ToWorker): void {
    this.workers.forEach((worker) => this.tell(worker, message));
  }
  private tell(worker: Worker, message: ToWorker): void {
    worker.postMessage(message);
  }
}
