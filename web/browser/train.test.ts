/** Training in the page, as a person would. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { button, DESK, launch, open, PHONE, train } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it.each([
  ["desk", DESK],
  ["phone", PHONE],
])("trains the exercise's 185 weights from four seeds at the size of a %s", async (_, size) => {
  const { page, said, close } = await open(browser, size);
  await train(page);
  const accuracy = await page.locator(".headline .figure b").first().textContent();
  expect(Number.parseFloat(accuracy ?? "")).toBeGreaterThan(97);
  expect(await page.locator(".seeds button").count()).toBe(4);
  const chart = page.getByRole("img", { name: /Accuracy on validation data over 30 epochs/ });
  expect(await chart.count()).toBe(1);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(isWide, "the page scrolls sideways").toBe(false);
  expect(said).toEqual([]);
  await close();
});

it("steps a batch and an epoch at a time, and goes back to the beginning", async () => {
  const { page, said, close } = await open(browser);
  await button(page, "One epoch").click();
  await page.getByText(/Paused after epoch 1 of 30/).waitFor();
  await button(page, "One batch").click();
  await button(page, "One epoch").click();
  await page.getByText(/Paused after epoch 2 of 30/).waitFor();
  await button(page, "Back to the initial weights").click();
  await page.getByText(/Paused after epoch 0 of 30/).waitFor();
  expect(said).toEqual([]);
  await close();
});

it("says what is wrong with a network at its block and beside its text", async () => {
  const { page, said, close } = await open(browser);
  const text = page.getByRole("textbox", { name: "The same as text" });
  await text.fill("conv(3) - denss(1)");
  await page.locator("#build-error").getByText("unknown layer 'denss' at column 11; did you mean 'dense'?").waitFor();
  await text.fill("conv(3) - dense(1)");
  await page.locator(".block.bad").getByText(/add flatten before it/).waitFor();
  expect(await page.locator(".controls .primary").isDisabled()).toBe(true);
  await text.fill("conv(3) - flatten - dense(1)");
  await page.getByText("2,059 weights").first().waitFor();
  await page.getByLabel("filters").fill("5");
  expect(await text.inputValue()).toBe("conv(5, 3x3) - flatten - dense(1)");
  expect(said).toEqual([]);
  await close();
});

it("takes other data in the middle of a training", async () => {
  const { page, said, close } = await open(browser, DESK, "#epochs=300&seeds=2&network=" + encodeURIComponent("conv(3) - flatten - dense(1)"));
  await page.locator(".controls .primary").click();
  await page.getByText(/Epoch \d+ of 300/).waitFor();
  for (const name of ["r3", "pulses", "mnist56"]) {
    await page.getByRole("combobox", { name: "Data" }).selectOption(name);
    await page.locator(".controls .primary:enabled").getByText("Train", { exact: true }).click();
    await page.getByText(/Epoch \d+ of/).waitFor();
  }
  expect(said).toEqual([]);
  await close();
});

it("stops where it is good enough, and leaves settings out that have no effect", async () => {
  const { page, said, close } = await open(browser, DESK, "#epochs=60&seeds=2&optimizer=sgd&momentum=0.9");
  await page.getByLabel("Stop at an accuracy of (%)").fill("60");
  await page.keyboard.press("Tab");
  await page.getByLabel("Optimizer").selectOption("adam");
  await train(page);
  await page.locator(".seeds").getByText(/after \d+ epochs/).first().waitFor();
  await page.getByRole("group", { name: "Rows of what was tried" }).getByRole("cell", { name: /^conv/ }).waitFor();
  await page.getByLabel("Optimizer").selectOption("nadam");
  await button(page, "Take up number 1 again").click();
  expect(await page.getByLabel("Optimizer").inputValue()).toBe("adam");
  await page.waitForFunction(() => location.hash.includes("goal=0.6") && !location.hash.includes("momentum"));
  expect(said).toEqual([]);
  await close();
});
