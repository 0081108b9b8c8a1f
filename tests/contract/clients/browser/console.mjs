// Looks at pages of a console in an installed chromium in every look, and prints what it saw of each as JSON.
// node console.mjs <executable> <address> <folder for pictures> <looks such as 390 dark, joined by commas> <path>...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, address, pictures, looks, ...paths] = process.argv.slice(2);
const origin = new URL(address).origin;
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const seen = { pages: {} };

async function opened(path, width, colorScheme) {
  // The page's own policy refuses scripts from elsewhere; axe is let in beside it, and only for it.
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const said = [];
  let wire = 0;
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("dialog", (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => new URL(request.url()).origin !== origin && said.push(`asks for ${request.url()}`));
  page.on("requestfinished", async (request) => {
    const sizes = await request.sizes().catch(() => ({ responseBodySize: 0, responseHeadersSize: 0 }));
    wire += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  await page.goto(origin + path);
  await page.waitForLoadState("networkidle");
  // What is made behind its page comes by itself.
  await page.waitForFunction(() => !document.querySelector(".waiting"), null, { timeout: 60000 });
  await page.waitForLoadState("networkidle");
  return { context, page, said, wire: () => wire };
}

// What is drawn beside the window where nothing scrolls or cuts it off.
async function outside(page) {
  return page.evaluate(() => [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    if (!box.width || !box.height || (box.right <= window.innerWidth + 1 && box.left >= -1)) return false;
    for (let at = each; at; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible" || at.matches(".skip")) return false;
    }
    return true;
  }).map((each) => each.outerHTML.slice(0, 120)));
}

// Names that a narrow column breaks letter by letter, and boxes that hide what is beyond their edge without a sign.
async function narrow(page) {
  return page.evaluate(() => [
    ...[...document.querySelectorAll(".table tbody th:not(.number)")].filter((each) => each.clientWidth && each.clientWidth < 96),
    ...[...document.querySelectorAll(".wide")].filter((each) =>
      each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).backgroundImage === "none"),
  ].map((each) => each.outerHTML.slice(0, 120)));
}

async function findings(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((each) => `${each.impact}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
}

for (const path of paths) {
  seen.pages[path] = {};
  for (const look of looks.split(",")) {
    const [width, scheme] = look.split(" ");
    const { context, page, said, wire } = await opened(path, Number(width), scheme);
    const name = path.replace(/[^A-Za-z0-9]+/g, "-") || "-";
    if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/page${name}-${width}-${scheme}.png`, fullPage: true });
    seen.pages[path][look] = {
      said,
      wire: wire(),
      findings: await findings(page),
      outside: await outside(page),
      narrow: await narrow(page),
      tooWide: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    };
    await context.close();
  }
}

// By the keyboard alone: past what stands on every page, to a lead by its name, and to the other look.
const { context, page, said } = await opened("/", 1280, "light");
const here = () => page.evaluate(() => {
  const at = document.activeElement;
  const ring = getComputedStyle(at);
  return { is: `${at.tagName.toLowerCase()} ${(at.id || at.textContent).trim().slice(0, 40)}`, ring: ring.outlineStyle };
});
seen.path = [];
for (let step = 0; step < 9; step += 1) {
  await page.keyboard.press("Tab");
  seen.path.push(await here());
}
await page.focus(".skip");
await page.keyboard.press("Enter");
seen.skipped = (await here()).is;
await page.focus("button[value=dark]");
await page.keyboard.press("Enter");
await page.waitForSelector("html[data-look=dark]");
seen.chosen = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
await page.goto(`${origin}/leads`);
await page.focus("#sought");
await page.keyboard.insertText("an"); // at once: whoever is found by the first letter alone would go again
await page.waitForURL(/sought=an$/);
await page.waitForSelector("#found li a");
seen.found = await page.$$eval("#found li a", (links) => links.length);
await page.keyboard.press("Tab");
await page.keyboard.press("Tab");
await page.keyboard.press("Enter");
await page.waitForURL(/\/leads\/.+\/.+/);
seen.lead = await page.textContent("h1");
seen.said = said;
await context.close();
await browser.close();
console.log(JSON.stringify(seen));
