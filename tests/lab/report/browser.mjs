/** Opens pages at two widths, light and dark, and prints as JSON what is seen of each: `node browser.mjs WEB FILE...`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [web, ...files] = process.argv.slice(2);
const require = createRequire(resolve(web, "package.json"));
const { default: AxeBuilder } = require("@axe-core/playwright");
const { chromium } = require("playwright-core");

const executablePath =
  process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ["--no-sandbox"] });
const found = [];
for (const file of files) {
  for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
      const page = await context.newPage();
      const errors = [];
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(pathToFileURL(resolve(file)).href);
      const sideways = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
      // The size on the screen: a figure is scaled to its column, and its letters with it.
      const letters = await page.evaluate(() =>
        [...document.querySelectorAll("svg text")]
          .filter((text) => text.textContent.trim() && text.getClientRects().length)
          .map((text) => parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b)),
      );
      const captions = await page.evaluate(() =>
        Math.max(...[...document.querySelectorAll("caption")].map((each) => each.getBoundingClientRect().right)),
      );
      // Every width and every colour scheme once: what differs in the other two, the two of them show.
      const isAudited = (width === 390) === (colorScheme === "dark");
      const violations = isAudited ? (await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze()).violations : [];
      found.push({
        file, width, colorScheme, errors, sideways, captions,
        texts: letters.length,
        smallest: Math.min(...letters),
        violations: violations.map((each) => `${each.id}: ${each.nodes.length} times, ${each.nodes[0].html.slice(0, 120)}`),
      });
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${basename(file)}-${width}-${colorScheme}.png`, fullPage: true });
      }
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(found));
