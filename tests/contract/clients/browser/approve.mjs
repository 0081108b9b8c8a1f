// Approves plans in a console by the keyboard alone, and prints what it saw as JSON.
// node approve.mjs <executable> <address good for one visit> <address with a sign-in> <folder for pictures>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, once, signIn, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const seen = { said: [], findings: {}, tooWide: {} };

async function opened(address, width = 1280, colorScheme = "light") {
  const origin = new URL(address).origin;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  page.on("console", (message) => seen.said.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.said.push(`${page.url()}: ${error}`));
  page.on("request", (asked) => new URL(asked.url()).origin !== origin && seen.said.push(`asks for ${asked.url()}`));
  await page.goto(address);
  return { page, context, origin };
}

async function looked(page, name) {
  await page.waitForLoadState("networkidle");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
    seen.tooWide[`${name} ${width}`] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.evaluate(AXE);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const told = found.violations.map((each) => `${each.impact}: ${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
    seen.findings[`${name} ${width}`] = told;
  }
}

// Tab until the focus is where it should be: whatever cannot be reached so ends in an error.
async function tabTo(page, what) {
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement.matches(selector), what)) return;
  }
  throw new Error(`the keyboard does not reach ${what}`);
}

async function pressed(page, what, key = "Enter") {
  await tabTo(page, what);
  await page.keyboard.press(key);
}

async function words(page, what) {
  return (await page.textContent(what)).replace(/\s+/g, " ").trim();
}

const ended = "#ended";
const written = "section:has(#ended) .figures"; // how a plan ended that was made says "ended", too
{
  const { page, context, origin } = await opened(once);
  seen.entered = page.url();
  await page.goto(`${origin}/plan/salesforce`);
  await looked(page, "none");
  await pressed(page, "form[action$='/make'] button");
  await page.waitForSelector(ended, { timeout: 120000 });
  seen.open = await words(page, "h1 .state");
  await looked(page, "plan");
  await page.reload();
  await pressed(page, "#changes tbody a");
  await page.waitForSelector("#drawer .ladder");
  seen.drawer = await words(page, "#drawer");
  await page.waitForFunction(() => document.activeElement.id === "drawer");
  await looked(page, "drawer");
  await tabTo(page, "#drawer [data-close]");
  await page.keyboard.press("Escape");
  seen.closed = await page.evaluate(() => [document.activeElement.matches("#changes tbody a"), document.getElementById("drawer").innerHTML]);
  await page.reload();
  await tabTo(page, "#words");
  await page.keyboard.type("zzzz");
  await page.waitForSelector("#changes .nothing");
  // The browser's way back: what was left stands there as it was, until it is loaded anew.
  await page.evaluate(() => { window.left = true; dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); });
  await page.waitForFunction(() => !window.left && document.readyState === "complete");
  const beside = await context.newPage();
  await beside.goto(`${origin}/plan/salesforce`);
  await beside.fill("#reason", "half a thought");
  await page.goto(`${origin}/plan/salesforce`);
  await pressed(page, ".ticks a");
  await page.waitForURL(/tick=10/);
  seen.ticked = await page.$$eval("input[name=lead]:checked", (ticks) => ticks.map((tick) => tick.value));
  await page.focus("input[name=lead]:checked");
  await page.keyboard.press("Space");
  seen.untickedOne = await page.$$eval("input[name=lead]:checked", (ticks) => ticks.length);
  await page.keyboard.press("Space");
  // What is ticked and typed stays while other leads are looked at.
  await page.focus("#reason");
  await page.keyboard.type("a pilot of ten");
  await page.fill("#words", "zzzz");
  // How many were found is told once the list has settled, a moment after it stands there.
  await page.waitForFunction(() => {
    const none = document.querySelector("#changes .nothing");
    return none && document.getElementById("found").textContent === none.textContent;
  });
  seen.beyond = [await words(page, "#ticked"), await words(page, "#found")];
  await page.goto(`${origin}/plan/salesforce?order=points`);
  await pressed(page, "button[value=ticked]");
  await page.waitForSelector(written, { timeout: 120000 });
  seen.pilot = await words(page, written);
  seen.left = await words(page, "h1 .state");
  await page.goBack();
  await page.waitForSelector("#ticked");
  seen.back = [await words(page, "#ticked"), await page.inputValue("#reason")];
  await page.goto(`${origin}/plan/salesforce`);
  await beside.waitForFunction(() => /Some of this plan was approved/.test(document.querySelector("#standing").textContent), null, { timeout: 60000 });
  seen.beside = [await words(beside, "#standing .note"), await beside.inputValue("#reason")];
  await beside.close();
  await looked(page, "pilot");
  await page.reload();
  await pressed(page, "section:has(#ended) a");
  await page.waitForSelector("#journal");
  await looked(page, "run");
  await page.reload();
  await pressed(page, "form[action$='/undo'] button");
  await page.waitForURL(/\/plan\/salesforce/);
  await page.waitForSelector(ended, { timeout: 120000 });
  seen.undo = await words(page, ".title");
  await tabTo(page, "#reason");
  await page.keyboard.type("the pilot was enough");
  await pressed(page, "button[value=all]");
  await page.waitForSelector(written, { timeout: 120000 });
  seen.undone = await words(page, written);
  await context.close();
}
{
  const { page, context, origin } = await opened(signIn, 1280, "dark");
  await looked(page, "sign-in");
  await page.reload();
  await page.keyboard.press("Tab");
  await tabTo(page, "#name");
  await page.keyboard.type("vic");
  await tabTo(page, "#password");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".who");
  seen.who = await words(page, ".who span");
  await page.goto(`${origin}/plan/salesforce`);
  seen.viewerMay = await page.$$eval("form[method=post]", (forms) => forms.map((form) => new URL(form.action).pathname));
  await looked(page, "viewer");
  await page.reload();
  await pressed(page, "form[action='/sign-out'] button");
  await page.waitForSelector("#sign-in");
  seen.out = new URL(page.url()).pathname;
  await context.close();
}
await browser.close();
console.log(JSON.stringify(seen));
