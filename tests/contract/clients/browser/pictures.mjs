// Makes the pictures of a console that docs show, as somebody would come upon them on the way to a first pilot.
// node pictures.mjs <executable> <address good for one visit> <folder for pictures> <connection>
import { chromium } from "playwright-core";

const [executable, address, pictures, connection] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" });
const page = await context.newPage();
const PATIENCE = { timeout: 120000 };

async function come() {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => !document.querySelector(".waiting"), null, PATIENCE);
  await page.waitForLoadState("networkidle");
}

async function take(name, high = 860, from = "body") {
  await come();
  await page.setViewportSize({ width: 1280, height: high });
  await page.evaluate((first) => { document.activeElement.blur(); document.querySelector(first).scrollIntoView(); }, from);
  await page.screenshot({ path: `${pictures}/console-${name}.jpg`, type: "jpeg", quality: 50 });
}

await page.goto(address);
const { origin } = new URL(page.url());

await page.goto(`${origin}/plan/${connection}`);
await page.click("form[action$='/make'] button");
await page.waitForSelector("#ended", PATIENCE);
await page.goto(`${origin}/plan/${connection}?order=points&tick=3`);
await page.fill("#reason", "A pilot of three");
await take("plan", 860, "#changes");
const lead = await page.getAttribute("#changes tbody a", "href");
await page.goto(`${origin}/`);
await take("home", 1000);
await page.goto(`${origin}/plan/${connection}?order=points&tick=3`);
await page.fill("#reason", "A pilot of three");
await page.click("button[value=ticked]");
await page.waitForSelector("section:has(#ended) .figures", PATIENCE);
await page.click("section:has(#ended) a");
await page.waitForSelector("#journal");
await take("run");
const native = decodeURIComponent(new URL(lead, origin).pathname.split("/changes/")[1]);
await page.goto(`${origin}/leads/${connection}/${encodeURIComponent(native)}`);
await take("lead", 900);
await page.goto(`${origin}/routing?connection=${connection}&lead=${encodeURIComponent(native)}`);
await page.waitForSelector(".way svg", PATIENCE);
await take("routing", 900, "section:has(#path)");
await page.goto(`${origin}/policy/edit`);
const policy = await page.inputValue("#text");
await page.fill("#text", `${policy}hand_off: {stage: mql}\n`);
await page.waitForSelector("#trial-moves .inset strong", PATIENCE);
await page.waitForFunction(() => !document.querySelector("#trial-moves[hx-get]"), null, PATIENCE);
await take("policy");
await browser.close();
