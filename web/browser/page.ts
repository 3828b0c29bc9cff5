/** The built page in Debian's Chromium, opened from its file, without network. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const FILE = new URL("../dist/netlet.html", import.meta.url).href;

export const DESK = { width: 1366, height: 900 };
export const PHONE = { width: 390, height: 844 };

export async function launch(): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
    args: ["--no-sandbox"],
  });
}

export interface Opened {
  page: Page;
  /** Everything that the page has said on its console, and every error. */
  said: string[];
  close: () => Promise<void>;
}

export async function open(browser: Browser, size = DESK, hash = ""): Promise<Opened> {
  const context = await browser.newContext({ viewport: size, offline: true, reducedMotion: "reduce", acceptDownloads: true });
  context.setDefaultTimeout(120_000); // a loaded machine is no mistake
  const page = await context.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.goto(FILE + hash);
  await page.getByRole("status").getByText(/weights are ready|does not fit/).waitFor();
  return { page, said, close: () => context.close() };
}

/** Presses the one big button, and waits until all seeds are trained. */
export async function train(page: Page): Promise<void> {
  await page.locator(".controls .primary").click();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 200_000 });
}

export const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
