/** The workers, and who of them trains what: seeds in parallel, as many at a time as the machine has processors. */
import type { FromWorker, Job, Pace, Source, ToWorker } from "./messages.ts";
import TrainingWorker from "./worker.ts?worker&inline";

const MOST_WORKERS = 8;

export class Pool {
  private readonly workers: Worker[];
  /** How many trainings each has been given that have not ended. */
  private loads: number[];
  private source: Source | undefined;

  constructor(module: WebAssembly.Module, hear: (message: FromWorker) => void, size?: number) {
    const count = size ?? Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 2));
    this.loads = new Array<number>(count).fill(0);
    this.workers = Array.from({ length: count }, (_, index) => {
      const worker = new TrainingWorker();
      worker.onmessage = (event: MessageEvent<FromWorker>) => {
        const { type } = event.data;
        if (type === "ended" || type === "failed") this.loads[index] = Math.max(0, (this.loads[index] ?? 0) - 1);
        hear(event.data);
      };
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

  /** Every job goes to whoever has the least to do. */
  train(jobs: readonly Job[]): void {
    const shares = this.workers.map((): Job[] => []);
    for (const job of jobs) {
      const index = this.loads.indexOf(Math.min(...this.loads));
      this.loads[index] = (this.loads[index] ?? 0) + 1;
      shares[index]?.push(job);
    }
    this.workers.forEach((worker, index) => {
      const own = shares[index];
      if (own?.length) this.tell(worker, { type: "train", jobs: own });
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
    this.loads.fill(0);
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
