/** A worker: hears of trainings, and tells how they go. */
import type { ToWorker } from "./messages.ts";
import { Work } from "./work.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
// Timers wait for milliseconds; a message to oneself comes at once, but after those that came before.
const channel = new MessageChannel();
let waiting: (() => void) | undefined;
channel.port1.onmessage = () => {
  const work = waiting;
  waiting = undefined;
  work?.();
};

const work = new Work(
  (message, transfer = []) => scope.postMessage(message, transfer),
  (again, wait) => {
    if (wait > 0) {
      setTimeout(again, wait);
      return;
    }
    waiting = again;
    channel.port2.postMessage(null);
  },
);

// One message after the other, though some take their time.
let last: Promise<void> = Promise.resolve();
scope.onmessage = (event: MessageEvent<ToWorker>) => {
  last = last
    .then(() => work.hear(event.data))
    .catch((error: unknown) => {
      // Rejections do not reach the page by themselves.
      scope.postMessage({ type: "failed", id: -1, seed: -1, message: error instanceof Error ? error.message : String(error) });
    });
};
