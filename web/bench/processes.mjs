/** What the browser's processes below this one use: memory, and the processor time of the threads that train (Linux). */
import { readdirSync, readFileSync } from "node:fs";

const TICKS_A_SECOND = 100;

/** Process ids of the renderers. */
function renderers() {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)))
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf-8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]));
    } catch {
      // It has ended meanwhile.
    }
  const isBelow = (pid) => pid === process.pid || (parents.has(pid) && isBelow(parents.get(pid)));
  const isRenderer = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf-8").includes("--type=renderer");
    } catch {
      return false;
    }
  };
  return [...parents.keys()].filter((pid) => isBelow(pid) && isRenderer(pid));
}

/** Resident megabytes of the largest. */
export function megabytes() {
  const sizes = renderers().map((pid) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf-8"))[1]) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...sizes);
}

/** Seconds of a processor that workers have used, of all pages that are open. */
export function workerSeconds() {
  let ticks = 0;
  for (const pid of renderers())
    try {
      for (const task of readdirSync(`/proc/${pid}/task`)) {
        const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf-8");
        if (!stat.includes("(Dedicated")) continue;
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        ticks += Number(fields[11]) + Number(fields[12]);
      }
    } catch {
      // It has ended meanwhile.
    }
  return ticks / TICKS_A_SECOND;
}
