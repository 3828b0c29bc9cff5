/**
 * A thousand trainings in one page: does its memory grow? `node bench/soak.mjs [trainings]`, minutes.
 * Prints the resident memory of the page's process (page, workers and engines) every hundred trainings.
 */
import { chromium } from "playwright-core";
import { megabytes } from "./processes.mjs";

const FILE = new URL("../dist/netlet.html", import.meta.url).href;
const ALL = Number(process.argv[2] ?? 1000);
const SEEDS = 20;
const NETWORKS = ["conv(2, 5x5, strides=3) - globalmaxpool - dense(1)", "conv(3, 3x3) - maxpool(3) - flatten - dense(1)", "flatten - dense(2) - dense(1)"];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--js-flags=--expose-gc"] });
const page = await browser.newPage();
const problems = [];
page.on("console", (message) => problems.push(message.text()));
page.on("pageerror", (error) => problems.push(error.message));
await page.goto(`${FILE}#seeds=${SEEDS}&epochs=2&network=${encodeURIComponent(NETWORKS[0])}`);
await page.getByText(/weights are ready/).waitFor();
const seen = [];
for (let done = 0; done < ALL; done += SEEDS) {
  await page.getByRole("textbox", { name: "The same as text" }).fill(NETWORKS[(done / SEEDS) % NETWORKS.length]);
  await page.locator(".controls .primary").click();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 120_000 });
  if ((done + SEEDS) % 100 === 0) {
    await page.evaluate(() => globalThis.gc?.());
    seen.push(megabytes());
    console.log(`${done + SEEDS} trainings: ${seen.at(-1).toFixed(0)} MB`);
  }
}
// Memory that is used again and again is not given back: what counts is that it stops growing.
const [half, last] = [seen[Math.floor(seen.length / 2)], seen.at(-1)];
console.log(`from the middle to the end: ${(last - half).toFixed(0)} MB more; on its console: ${problems.length ? problems.join("; ") : "nothing"}`);
await browser.close();
process.exit(problems.length || last > 1.15 * half ? 1 : 0);
