/**
 * Measures the built page in Chromium, beside the native engine, TensorFlow.js and ConvNetJS, in one run:
 * `node bench/measure.mjs [path to @tensorflow/tfjs/dist/tf.min.js [path to convnetjs/build/convnet-min.js]]`, with
 * PYTHON naming a Python that has netlet. Prints what docs/web.md quotes. Times are wall clock, the best of several
 * rounds in turn, since other work only ever adds to them, and the processor time of the threads that train, which other
 * work hardly touches; run it on a quiet machine all the same.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { workerSeconds } from "./processes.mjs";

const FILE = new URL("../dist/netlet.html", import.meta.url).href;
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const TASKS = {
  "185 weights, 30 epochs": ["mnist56", "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)"],
  "1,237 weights, 50 epochs": ["r3", "conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(10) - dense(3)"],
  "LSTM(25), 40 epochs": ["pulses-reversed", "lstm(25) - dense(1)"],
  "GRU(25), 40 epochs": ["pulses-reversed", "gru(25, activation=relu) - dense(1, activation=linear) - dense(1)"],
};
const least = (values) => Math.min(...values);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--enable-precise-memory-info"] });

async function opened(hash) {
  const page = await browser.newPage({ viewport: { width: 1366, height: 900 } });
  const began = performance.now();
  await page.goto(FILE + hash);
  await page.getByText(/weights are ready/).waitFor();
  return { page, began };
}
async function trained(page) {
  const before = workerSeconds();
  await page.locator(".controls .primary").click();
  const status = page.getByText(/trained in ([\d.]+) s/);
  await status.waitFor({ timeout: 300_000 });
  const wall = Number(/trained in ([\d.]+) s/.exec(await status.textContent())[1]);
  return { wall, processor: workerSeconds() - before };
}
const address = ([data, network], seeds) => `#data=${data}&network=${encodeURIComponent(network)}&seeds=${seeds}`;

function native([data, network], set = "") {
  const code = `import netlet as nl
d = nl.load(${JSON.stringify(data)})
import time
began = time.process_time()
print(nl.train(${JSON.stringify(network)}, d, seeds=1, threads=1).seconds, time.process_time() - began)`;
  const said = execFileSync(process.env.PYTHON ?? "python3", ["-c", code], { env: { ...process.env, NETLET_INSTRUCTION_SET: set } });
  const [wall, processor] = String(said).split(" ").map(Number);
  return { wall, processor };
}

const [first] = Object.values(TASKS);
const starts = [];
for (let i = 0; i < ROUNDS; i++) {
  const { page, began } = await opened(address(first, 1));
  await trained(page);
  starts.push(performance.now() - began);
  await page.close();
}
console.log(`from opening the file to the first network trained: ${(least(starts) / 1000).toFixed(2)} s`);

for (const [name, task] of Object.entries(TASKS)) {
  const rounds = { page: [], two: [], native: [], v2: [] };
  for (let i = 0; i < ROUNDS; i++) {
    const one = await opened(address(task, 1));
    rounds.page.push(await trained(one.page));
    await one.page.close();
    const two = await opened(address(task, 2));
    rounds.two.push(await trained(two.page));
    await two.page.close();
    rounds.native.push(native(task));
    rounds.v2.push(native(task, "x86-64-v2"));
  }
  for (const kind of ["wall", "processor"]) {
    const [page, two, best, v2] = Object.values(rounds).map((times) => least(times.map((time) => time[kind])));
    console.log(`${name}, ${kind}: page ${page.toFixed(2)} s, native ${best.toFixed(2)} s (x86-64-v2 ${v2.toFixed(2)} s): ${(page / best).toFixed(2)} times; two seeds ${(two / page).toFixed(2)} times one`);
  }
}

{
  const { page } = await opened(address(first, 16));
  const frames = page.evaluate(
    () =>
      new Promise((resolve) => {
        let [count, began] = [0, performance.now()];
        const next = () => (performance.now() - began > 2500 ? resolve(count / 2.5) : (count++, requestAnimationFrame(next)));
        requestAnimationFrame(next);
      }),
  );
  await page.locator(".controls .primary").click();
  console.log(`pictures a second while 16 seeds train: ${Math.round(await frames)}`);
  await page.getByText(/trained in/).waitFor({ timeout: 300_000 });
  console.log(`heap of the page: ${Math.round(await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6))} MB`);
  await page.close();
}

if (process.argv[2]) {
  const page = await browser.newPage();
  await page.goto("about:blank");
  await page.addScriptTag({ content: readFileSync(process.argv[2], "utf-8") });
  const epochs = 2;
  const seconds = await page.evaluate(async (epochs) => {
    const tf = globalThis.tf;
    await tf.setBackend("cpu");
    const x = tf.randomUniform([2000, 28, 28, 1]);
    const y = tf.randomUniform([2000, 1]).round();
    const xv = tf.randomUniform([1850, 28, 28, 1]);
    const yv = tf.randomUniform([1850, 1]).round();
    const l = tf.layers;
    const model = tf.sequential({ layers: [
      l.conv2d({ inputShape: [28, 28, 1], filters: 3, kernelSize: 3, activation: "relu" }), l.maxPooling2d({ poolSize: 3 }),
      l.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }), l.maxPooling2d({ poolSize: 3 }),
      l.flatten(), l.dense({ units: 5, activation: "relu" }), l.dense({ units: 1, activation: "sigmoid" }) ] });
    model.compile({ optimizer: tf.train.adam(0.005), loss: "binaryCrossentropy", metrics: ["accuracy"] });
    await model.fit(x, y, { epochs: 1, batchSize: 64, verbose: 0 });
    const began = performance.now();
    await model.fit(x, y, { epochs, batchSize: 64, validationData: [xv, yv], verbose: 0 });
    return (performance.now() - began) / 1000;
  }, epochs);
  console.log(`TensorFlow.js (cpu): ${((seconds / epochs) * 30).toFixed(1)} s for 30 epochs of the first task (${epochs} timed)`);
}

if (process.argv[3]) {
  const page = await browser.newPage();
  await page.goto("about:blank");
  await page.addScriptTag({ content: readFileSync(process.argv[3], "utf-8") });
  const seconds = await page.evaluate(() => {
    const { Vol, Net, SGDTrainer } = globalThis.convnetjs;
    const net = new Net();
    const conv = { type: "conv", sx: 3, filters: 3, stride: 1, pad: 0, activation: "relu" };
    const pool = { type: "pool", sx: 3, stride: 3 };
    net.makeLayers([{ type: "input", out_sx: 28, out_sy: 28, out_depth: 1 }, conv, pool, conv, pool,
      { type: "fc", num_neurons: 5, activation: "relu" }, { type: "softmax", num_classes: 2 }]);
    const trainer = new SGDTrainer(net, { method: "adadelta", batch_size: 64 });
    const images = Array.from({ length: 200 }, () => {
      const image = new Vol(28, 28, 1, 0);
      for (let i = 0; i < 784; i++) image.w[i] = Math.random();
      return image;
    });
    const epoch = () => {
      for (let i = 0; i < 2000; i++) trainer.train(images[i % 200], i % 2);
      for (let i = 0; i < 1850; i++) net.forward(images[i % 200]);
    };
    epoch();
    const began = performance.now();
    epoch();
    return (performance.now() - began) / 1000;
  });
  console.log(`ConvNetJS: ${(seconds * 30).toFixed(1)} s for 30 epochs of the first task (1 timed)`);
}
await browser.close();
