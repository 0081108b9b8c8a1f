// Changes a mapping, a policy and a person's absences in an installed chromium, by the keyboard alone, and prints what it saw as JSON.
// node editing.mjs <executable> <address to enter by> <folder for pictures> <looks> <the policy's file> <a person> <from> <until>
import { appendFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, address, pictures, looks, policy, person, from, until] = process.argv.slice(2);
const origin = new URL(address).origin;
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"], ignoreDefaultArgs: ["--disable-back-forward-cache"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", reducedMotion: "reduce" });
const page = await context.newPage();
const seen = { said: [], looks: [], asked: [] };
page.on("console", (message) => seen.said.push(message.text()));
page.on("pageerror", (error) => seen.said.push(String(error)));
page.on("dialog", (dialog) => {
  if (dialog.type() === "beforeunload") { seen.asked.push(page.url().slice(origin.length)); dialog.dismiss(); return; }
  seen.said.push(`dialog: ${dialog.message()}`); dialog.accept();
});
page.on("request", (request) => new URL(request.url()).origin !== origin && seen.said.push(`asks for ${request.url()}`));

async function look(name) {
  await page.waitForLoadState("networkidle");
  for (const each of looks.split(",")) {
    const [width, colorScheme] = each.split(" ");
    await page.setViewportSize({ width: Number(width), height: 900 });
    await page.emulateMedia({ colorScheme });
    if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    await page.evaluate(AXE);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    const findings = found.violations.map((one) => `${one.impact}: ${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
    seen.looks.push({ name, each, findings, tooWide });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}
async function press(selector) {
  await page.focus(selector);
  const ring = await page.$eval(selector, (at) => getComputedStyle(at).outlineStyle);
  if (ring !== "solid") seen.said.push(`no ring on ${selector}`);
  await page.keyboard.press("Enter");
}
async function typed(selector, text) {
  await page.focus(selector);
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

await page.goto(address);
await page.goto(`${origin}/mapping/salesforce`);
await look("mapping-before");
// Whoever has begun a change is asked before another form of the page takes it from them.
await press("#fact-goals summary");
const field = await page.inputValue("#fact-goals input[name=field]");
await typed("#fact-goals input[name=field]", "Half_A_Name__c");
await press("form[action$='/read'] button");
await page.waitForFunction(() => !document.querySelector("form[aria-busy]"));
seen.half = await page.inputValue("#fact-goals input[name=field]");
await typed("#fact-goals input[name=field]", field);
await press("form[action$='/read'] button");
await page.waitForSelector("#fields option", { state: "attached" });
seen.fields = await page.$$eval("#fields option", (all) => all.length);
seen.uncovered = await page.$$eval("tr.uncovered", (all) => all.length);
await press("#fact-goals summary");
await press("#fact-goals button[name=clear]");
await page.waitForURL(/draft=/);
await press("#fact-need summary");
await look("mapping-draft");
seen.diff = await page.$$eval("#content .diff .added, #content .diff .taken", (all) => all.map((one) => one.textContent));
await press("form[action$='/check'] button");
await page.waitForSelector("form[action$='/save'] button", { timeout: 60000 });
await look("mapping-checked");
await typed("#reason", "nobody fills it in");
await press("form[action$='/save'] button");
await page.waitForSelector(".note.good");
seen.mapping = (await page.textContent(".note.good")).trim();

await page.goto(`${origin}/policy`);
await look("policy");
await press("a[href='/policy/edit']");
await page.waitForSelector(".gutter span");
const before = await page.inputValue("#text");
await typed("#text", `${before}hand_off: {stage: nowhere}\n`);
await page.waitForSelector("#trial a[data-line]");
await look("policy-wrong");
seen.wrong = await page.textContent("#trial .needs p");
seen.marked = await page.textContent(".gutter .wrong");
await press("#trial a[data-line]");
seen.at = await page.evaluate(() => [document.activeElement.id, getSelection().toString() || document.activeElement.value
  .slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)]);
await typed("#text", `${before}hand_off: {stage: mql}\n`);
await page.waitForSelector("#trial-moves .inset strong", { timeout: 90000 });
await page.waitForFunction(() => !document.querySelector("#trial-moves[hx-get]"), null, { timeout: 90000 });
seen.moves = (await page.textContent("#trial-moves .inset")).replace(/\s+/g, " ").trim();
seen.examples = (await page.textContent("#examples + .state")).trim();
await look("policy-tried");
appendFileSync(policy, "# theirs\n");
await press("button[formaction='/policy/save']");
await page.waitForSelector("[role=alert]");
seen.refused = (await page.textContent("[role=alert] p")).trim();
seen.kept = (await page.inputValue("#text")).includes("hand_off: {stage: mql}");
seen.theirs = readFileSync(policy, "utf-8");
await look("policy-refused");
await typed("#text", `${before}# theirs\nhand_off: {stage: mql}\n`);
await press("button[formaction='/policy/save']");
await page.waitForSelector(".note.good");
seen.policy = (await page.textContent(".note.good")).trim();
// The browser's way back shows a form as it was sent, and it can be sent once more at once.
await page.goto(`${origin}/policy/edit`);
await typed("#reason", "nothing is changed");
await page.evaluate(() => addEventListener("pageshow", () => setTimeout(() => { window.held = document.querySelectorAll("form[aria-busy]").length; })));
await press("button[formaction='/policy/save']");
await page.waitForSelector(".note.good");
await page.evaluate(() => setTimeout(() => history.back()));
await page.waitForFunction(() => window.held !== undefined || performance.getEntriesByType("navigation")[0].type === "back_forward");
seen.held = await page.evaluate(() => window.held);
await press("button[formaction='/policy/save']");
await page.waitForSelector(".note.good");
seen.again = (await page.textContent(".note.good")).trim();
await page.goto(`${origin}/policy/versions`);
await look("policy-versions");

await page.goto(`${origin}/routing`);
const theirs = `a[href='/routing/people/salesforce/${encodeURIComponent(person)}']`;
await press(theirs);
await page.waitForSelector("#new-from_day");
const day = (selector, told) => page.fill(selector, told); // in a field of days each browser takes keys in its own way
await day("#new-from_day", until);
await day("#new-to_day", from);
await press("form[aria-labelledby='one-more'] button");
await page.waitForSelector("[aria-invalid=true]");
seen.why = (await page.textContent("#new-to_day-why")).trim();
await look("roster-wrong");
await day("#new-from_day", from);
await day("#new-to_day", until);
await press("form[aria-labelledby='one-more'] button");
await page.waitForURL(/draft=/);
await look("roster-draft");
seen.absence = await page.$$eval("#content .diff .added, #content .diff .taken", (all) => all.map((one) => one.textContent));
await typed("#reason", "on holiday");
await press("form[action$='/save'] button");
await page.waitForSelector(".note.good");
seen.roster = (await page.textContent(".note.good")).trim();
await day("#ends-ends", until);
await press("form[action$='/last-day'] button");
await page.waitForSelector("form[action$='/drop'] button");
await press("form[action$='/drop'] button");
await page.waitForURL(/people[^?]*$/);
await look("roster-person");
await page.goto(`${origin}/log`);
seen.log = (await page.textContent("#content")).includes("on holiday");
await page.goto(`${origin}/routing`);
await look("routing-absence");
seen.away = (await page.textContent(`tr:has(${theirs})`)).replace(/\s+/g, " ");
await context.close();
await browser.close();
console.log(JSON.stringify(seen));
