// Opens pages in an installed chromium in every look, and prints what it saw of each as JSON.
// node look.mjs <executable> <folder for pictures> <looks such as 390 dark, joined by commas> <file: address>...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, pictures, looks, ...addresses] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const seen = {};

async function look(address, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => request.url() !== address && said.push(`asks for ${request.url()}`));
  await page.goto(address);
  if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/${basename(address, ".html")}-${width}-${colorScheme}.png`, fullPage: true });
  const size = await page.evaluate(() => ({
    tooWide: document.documentElement.scrollWidth - window.innerWidth,
    high: document.documentElement.scrollHeight,
    contents: document.querySelectorAll("nav a[href^='#']").length,
    smallest: Math.min(...[...document.querySelectorAll("svg text")].map((each) => {
      const drawn = each.closest("svg");
      const shown = drawn.getBoundingClientRect().width / (drawn.viewBox.baseVal.width || drawn.clientWidth || 1);
      return parseFloat(getComputedStyle(each).fontSize) * shown;
    }).concat(99)),
  }));
  const charts = await page.evaluate(() => [...document.querySelectorAll("figure.chart")].map((figure) => {
    const canvas = figure.querySelector("canvas");
    if (figure.hidden || !canvas.width || !canvas.height) return `not drawn: ${figure.textContent.trim()}`;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) colours.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
    return colours.size > 2 ? "drawn" : `empty: ${figure.textContent.trim()}`;
  }));
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const findings = found.violations.map((each) => `${each.impact}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
  await context.close();
  return { said, findings, charts, ...size };
}

for (const address of addresses) {
  seen[basename(address, ".html")] = {};
  for (const one of looks.split(",")) {
    const [width, scheme] = one.split(" ");
    seen[basename(address, ".html")][one] = await look(address, Number(width), scheme);
  }
}
await browser.close();
console.log(JSON.stringify(seen));
