// Every page of a console as people use it who see, move or read otherwise: narrow, with text twice as large or set
// wider, without motion, in colours of their own, and by the keyboard alone. Prints what it stumbled over as JSON.
// node every_page.mjs <executable> <address good for one visit> <folder for pictures> <width> <file with paths as JSON>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, address, pictures, width, list] = process.argv.slice(2);
const paths = JSON.parse(readFileSync(list, "utf-8"));
const origin = new URL(address).origin;
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const seen = {};

// Styles and scripts of a test's own are let in beside the page's policy, as those of a reader's browser are.
const options = { viewport: { width: Number(width), height: 800 }, bypassCSP: true };
const first = await browser.newContext(options);
await (await first.newPage()).goto(address);
const storageState = await first.storageState();

const WIDER = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }";

const beyond = (page) => page.evaluate(() => {
  const found = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    if (!box.width || !box.height || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
    for (let at = each; at; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible" || at.matches(".skip, .visually-hidden")) return false;
    }
    return true;
  }).map((each) => each.outerHTML.slice(0, 160));
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [`${wide} px too wide`, ...found] : found;
});

// Text that its own box cuts off, without a way to scroll to it.
const cutOff = (page) => page.evaluate(() => [...document.querySelectorAll("body *")].filter((each) => {
  const style = getComputedStyle(each);
  if (!each.clientWidth || each.matches(".visually-hidden, .skip, svg, svg *, select, input, canvas, .gutter")) return false;
  if (style.overflowY !== "hidden" && style.overflowX !== "hidden") return false;
  return each.scrollWidth > each.clientWidth + 2 || each.scrollHeight > each.clientHeight + 2;
}).map((each) => each.outerHTML.slice(0, 160)));

const small = async (page) => {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: { type: "rule", values: ["target-size"] } }));
  return found.violations.flatMap((each) => each.nodes.map((node) => node.html.slice(0, 160)));
};

const moving = (page) => page.evaluate(() => [...document.querySelectorAll("*")].filter((each) => {
  const style = getComputedStyle(each);
  return [style.transitionDuration, style.animationDuration].join().split(",").some((time) => parseFloat(time) > 0.01)
    || style.scrollBehavior === "smooth";
}).map((each) => each.outerHTML.slice(0, 120)));

// What tells by its ground alone where one is or what is chosen is lost where the reader sets the colours.
const unmarked = (page) => page.evaluate(() => [...document.querySelectorAll("[aria-current], [aria-pressed=true]")].filter((each) => {
  const other = [...(each.closest("ul, nav, fieldset, ol") || document).querySelectorAll(each.tagName)]
    .find((it) => !it.matches("[aria-current], [aria-pressed=true]") && it.className === each.className);
  if (!other || each.matches("li")) return false;
  const look = (it) => ["fontWeight", "borderTopStyle", "borderTopColor", "outlineStyle", "textDecorationLine"].map((name) => getComputedStyle(it)[name]).join();
  return look(each) === look(other);
}).map((each) => each.outerHTML.slice(0, 120)));

const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
async function byKeyboard(page) {
  await page.evaluate((stops) => {
    const shown = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.tabIndex >= 0;
    [...document.querySelectorAll(stops)].filter(shown).forEach((each, at) => { each.dataset.stop = String(at); });
    document.activeElement.blur();
  }, STOPS);
  const all = await page.$$eval("[data-stop]", (found) => found.length);
  const troubles = [], met = new Set();
  let last = null;
  for (let step = 0; step < 3 * all + 20; step += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body || at === document.documentElement) return null;
      const style = getComputedStyle(at), box = at.getBoundingClientRect();
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      const spot = document.elementsFromPoint(Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 1), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 1), innerHeight - 1))[0];
      const hidden = !spot || !(at.contains(spot) || spot.contains(at) || (at.labels && [...at.labels].some((each) => each.contains(spot))));
      const beside = box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth;
      return { stop: at.dataset.stop, is: at.outerHTML.slice(0, 140), ring, hidden: hidden || beside };
    });
    if (!here) break;
    if (here.stop !== undefined && here.stop === last) continue; // the parts of a field for a day
      if (here.stop !== undefined && met.has(here.stop)) {
      if (met.size < all) troubles.push(`comes again before all were met: ${here.is}`);
      break;
    }
    met.add(here.stop);
    last = here.stop;
    if (!here.ring) troubles.push(`nobody sees that it has the focus: ${here.is}`);
    if (here.hidden) troubles.push(`something lies over what has the focus: ${here.is}`);
  }
  const missed = await page.$$eval("[data-stop]", (found, had) => found.filter((each) => !had.includes(each.dataset.stop)).map((each) => each.outerHTML.slice(0, 140)), [...met]);
  return [...troubles, ...missed.map((each) => `the keyboard does not come to it: ${each}`)].slice(0, 8);
}

// A form that no button sends, and a skip link that leads nowhere.
const forms = (page) => page.$$eval("form", (found) => found.filter((form) => ![...form.elements].some((each) => each.type === "submit")
  && !form.matches("[role=search]")).map((form) => `nothing sends it: ${form.outerHTML.slice(0, 140)}`));
async function skipped(page) {
  if (!await page.$(".skip")) return ["no way past the navigation"];
  await page.focus(".skip");
  await page.keyboard.press("Enter");
  return await page.evaluate(() => document.activeElement.id === "content") ? [] : ["the skip link leads nowhere"];
}

async function opened(path, more = {}) {
  const context = await browser.newContext({ ...options, storageState, ...more });
  const page = await context.newPage();
  await page.goto(origin + path);
  await page.waitForFunction(() => !document.querySelector(".waiting, .progressing"), null, { timeout: 90000 });
  await page.waitForLoadState("networkidle");
  for (const each of await page.$$("details:not([open]) > summary")) await each.evaluate((it) => { it.parentElement.open = true; });
  return { context, page };
}

for (const path of paths) {
  const told = seen[path] = {};
  const { context, page } = await opened(path, { reducedMotion: "reduce" });
  const name = path.replace(/[^A-Za-z0-9]+/g, "-") || "-";
  if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/every${name}-${width}.png`, fullPage: true });
  told.reflow = await beyond(page);
  told.targets = await small(page);
  told.motion = (await moving(page)).slice(0, 3);
  told.keyboard = [...await byKeyboard(page), ...await forms(page), ...await skipped(page)];
  await page.emulateMedia({ forcedColors: "active" });
  told.colours = await unmarked(page);
  await page.emulateMedia({ forcedColors: "none" });
  if (Number(width) < 500) {
    await page.addStyleTag({ content: WIDER });
    told.spacing = [...await beyond(page), ...await cutOff(page)];
  } else {
    await page.addStyleTag({ content: "html { font-size: 200% !important; }" });
    // Charts are drawn anew.
    await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, null, { timeout: 30000 }).catch(() => null);
    told.large = await beyond(page);
  }
  await context.close();
}
await browser.close();
console.log(JSON.stringify(seen));
