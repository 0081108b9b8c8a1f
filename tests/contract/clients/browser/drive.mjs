// Opens a plan's page in an installed chromium, works with it as a person would, and prints what it saw as JSON.
// node drive.mjs <executable> <file: address> <folder for pictures> <words to filter by> <width to look at>...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, address, pictures, words, ...widths] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });

async function opened(width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => request.url() !== address && said.push(`asks for ${request.url()}`));
  const began = performance.now();
  await page.goto(address);
  return { context, page, said, seconds: (performance.now() - began) / 1000 };
}

// Serious or critical, as axe counts them; the rules of WCAG 2.2 AA and of good practice.
async function findings(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((each) => `${each.impact}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
}

const seen = { looks: {} };
for (const width of widths.map(Number)) {
  for (const scheme of ["light", "dark"]) {
    const { context, page, said, seconds } = await opened(width, scheme);
    seen.looks[`${width} ${scheme}`] = {
      said,
      seconds,
      findings: await findings(page),
      tooWide: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      background: await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
    };
    if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/${width}-${scheme}.png` });
    await context.close();
  }
}

const { context, page } = await opened(1280, "light");
const told = () => page.textContent("#told");
const leads = (selector = "") => page.$$eval(`section.kind:not([hidden]) ${selector} tbody tr:not([hidden]) th`,
  (cells) => cells.map((cell) => cell.textContent));
const timed = async (doing) => {
  const began = performance.now();
  await doing();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return (performance.now() - began) / 1000;
};

seen.all = { told: await told(), leads: (await leads()).length };

// By the keyboard alone: to the field, type, to the choice, and on to the first head of a table.
seen.path = [];
for (let step = 0; step < 60; step += 1) {
  await page.keyboard.press("Tab");
  const here = await page.evaluate(() => {
    const at = document.activeElement;
    return `${at.tagName.toLowerCase()} ${at.id || at.getAttribute("aria-label") || at.textContent.slice(0, 30)}`;
  });
  seen.path.push(here);
  if (here.startsWith("summary")) break;
}
seen.ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
const reasons = () => page.evaluate(() => document.activeElement.closest("details").open);
await page.keyboard.press("Enter");
seen.opened = await reasons();
await page.keyboard.press("Space");
seen.closedAgain = !(await reasons());

await page.focus("#words");
seen.filterSeconds = await timed(() => page.keyboard.insertText(words));
seen.filtered = { told: await told(), leads: await leads() };
await page.fill("#words", "");
const kind = await page.$eval("#kind", (field) => field.options[1].value);
await page.selectOption("#kind", kind);
seen.kind = { kind, told: await told(), groups: await page.$$eval("section.kind:not([hidden])",
  (groups) => groups.map((group) => group.dataset.kind)) };
await page.selectOption("#kind", "");

const first = page.locator("section.kind").first();
const head = first.locator("thead th").first();
await head.locator("button").focus();
seen.sortSeconds = await timed(() => page.keyboard.press("Enter"));
const order = () => first.locator("tbody th").allTextContents();
seen.up = { mark: await head.getAttribute("aria-sort"), leads: (await order()).slice(0, 5) };
await page.keyboard.press("Enter");
seen.down = { mark: await head.getAttribute("aria-sort"), leads: (await order()).slice(0, 5) };
await context.close();
await browser.close();
console.log(JSON.stringify(seen));
