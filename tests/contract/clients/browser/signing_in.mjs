// Signs in to a console by its firm's provider in an installed chromium, and prints what it saw as JSON.
// node signing_in.mjs <executable> <address> <folder for pictures>
// Where it prints a line "over", whoever started it ends all sessions, and answers with a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const [executable, address, pictures] = process.argv.slice(2);
const origin = new URL(address).origin;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
const page = await context.newPage();
const seen = { said: [], looks: {} };
page.on("console", (message) => seen.said.push(message.text()));
page.on("pageerror", (error) => seen.said.push(String(error)));

const path = () => page.url().slice(origin.length);
const words = async (what) => (await page.textContent(what)).replace(/\s+/g, " ").trim();
async function look(name) {
  if (process.env.CRMSYNC_TEST_PICTURES) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  seen.looks[name] = { findings: found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`), tooWide };
}
async function byTheFirm() {
  await page.click("a[href^='/sign-in/elsewhere']");
  await page.waitForSelector(".who, [role=alert]"); // somebody is in, or told why not; neither stands where one signs in
  await page.waitForLoadState("networkidle");
}
async function signOut() {
  await page.click("form[action='/sign-out'] button");
  await page.waitForSelector("#sign-in");
}
async function over() {
  console.log("over");
  await answers.next();
}
async function visitor() {
  const areas = await page.$$eval("nav a", (links) => links.map((link) => new URL(link.href).pathname));
  return { at: path(), who: await words(".who span"), areas };
}

await page.goto(`${origin}/leads?sought=an`);
seen.asked = path();
await look("sign-in");
await byTheFirm();
seen.viewer = await visitor();
await signOut();
seen.out = path();
await page.goto(`${origin}/runs`);
seen.afterwards = path();
await page.goBack();
seen.back = await page.$$eval("#sign-in", (found) => found.length);
await page.goto(`${origin}/log`);
await byTheFirm();
seen.approver = { ...(await visitor()), told: await words("[role=alert]") };
await signOut();
await page.goto(`${origin}/log`);
await byTheFirm();
seen.admin = await visitor();

await page.goto(`${origin}/runs`);
await over();
await page.click("nav a[href='/reports']");
await page.waitForSelector("#sign-in");
seen.endedPage = path();
await byTheFirm();
seen.again = path();
await page.goto(`${origin}/plan/salesforce`);
await over();
await page.click("form[action$='/make'] button");
await page.waitForSelector("[role=alert]");
seen.endedForm = await words("[role=alert] p");
await look("signed-out");
await page.click("[role=alert] a");
await byTheFirm();
seen.formAgain = path();
await page.goto(`${origin}/plan/salesforce`);
await page.click("form[action$='/make'] button");
await page.waitForSelector("#reason", { timeout: 60000 });
await page.fill("#reason", "half a thought");
await over();
await page.fill("#words", "an");
await page.waitForSelector("#outside .note");
seen.endedFilter = [path().split("?")[0], await words("#outside p"), await page.inputValue("#reason")];
await page.goto(`${origin}/leads`);
await byTheFirm();
await page.goto(`${origin}/leads`);
await over();
await page.fill("#sought", "an");
await page.waitForURL(/sign-in/);
seen.endedPart = path();
await byTheFirm();
seen.partAgain = path();
await signOut();
await byTheFirm();
seen.stranger = await words("[role=alert]");
await look("stranger");
await page.click("[role=alert] a");
await page.waitForSelector("#sign-in");
seen.strangerAgain = path();
await context.close();
await browser.close();
console.log(JSON.stringify(seen));
process.exit(0);
