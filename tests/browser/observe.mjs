// Opens a report in headless Chromium and writes what was seen there as JSON: node observe.mjs PAGE.html [PICTURES]
// It judges nothing; test_page.py does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const [, , file, pictures] = process.argv;
const address = pathToFileURL(file).href;
const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const browser = await playwright.launch({
  args: ["--no-sandbox", "--disable-gpu"], // a container's root may not have a sandbox
  executablePath: await chromium.executablePath(),
  headless: true,
});
const seen = { errors: [], requests: [] };

async function open(options = {}, fragment = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url().split("#")[0]));
  await page.goto(address + fragment);
  return page;
}

// What a person can see: laid out, and not in something folded.
const shown = (page, selector) => page.locator(selector).evaluateAll(
  (all) => all.filter((each) => each.checkVisibility({ visibilityProperty: true })).length);
const serious = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  return found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
};

async function widths() {
  seen.widths = {};
  for (const width of [390, 1280, 1920]) {
    const page = await open({ viewport: { width, height: 800 } });
    seen.widths[width] = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width === 1280) {
      seen.first_cause = await page.evaluate(() => document.querySelector(".cause")?.getBoundingClientRect().bottom ?? 0);
    }
    if (pictures) await page.screenshot({ path: join(pictures, `${width}.png`), fullPage: width !== 1920 });
    await page.context().close();
  }
}

async function load() {
  const session = await browser.newBrowserCDPSession();
  const began = Date.now();
  const page = await open();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  seen.seconds = (Date.now() - began) / 1000;
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const kilobytes = processInfo.map(({ id }) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]);
    } catch {
      return 0; // it has ended
    }
  });
  seen.renderer_mb = Math.round(Math.max(...kilobytes) / 1024);
  await page.context().close();
}

async function accessible() {
  const light = await open();
  seen.axe_light = await serious(light);
  await light.click("#open-all");
  seen.axe_open = await serious(light);
  await light.context().close();
  const dark = await open({ colorScheme: "dark" });
  seen.axe_dark = await serious(dark);
  if (pictures) await dark.screenshot({ path: join(pictures, "dark.png") });
  await dark.context().close();
}

async function filter() {
  const page = await open();
  const state = async () => ({
    said: await page.locator("#found").textContent(),
    cells: await page.locator("tr[data-cells]:not([hidden])").evaluateAll(
      (rows) => rows.filter((row) => !row.closest(".control").hidden).reduce((sum, row) => sum + Number(row.dataset.cells), 0)),
    verdicts: await page.locator("tr[data-cells]:not([hidden])").evaluateAll(
      (rows) => [...new Set(rows.map((row) => row.dataset.verdict))].sort()),
    causes: await shown(page, ".cause"),
    rows_in_sight: await shown(page, "tr[data-cells]"),
  });
  const settled = () => page.waitForTimeout(200);
  seen.filter = { idle: await state() };
  await page.fill("[name=words]", "paris S3");
  await settled();
  seen.filter.words = await state();
  if (pictures) await page.screenshot({ path: join(pictures, "filtered.png"), fullPage: true });
  await page.fill("[name=words]", "no such thing anywhere");
  await settled();
  seen.filter.nothing = await state();
  await page.fill("[name=words]", "");
  await page.uncheck("[name=verdict][value=pass]");
  await settled();
  seen.filter.no_pass = await state();
  await page.click("#filter button[type=reset]");
  await settled();
  seen.filter.reset = await state();
  await page.context().close();
}

async function drillDown() {
  const page = await open();
  const link = page.locator(".map td.fail a").first();
  const id = (await link.getAttribute("href")).slice(1);
  seen.drill = { before: await shown(page, `[id="${id}"]`) };
  await link.click();
  await page.waitForFunction((id) => document.activeElement.id === id, id);
  seen.drill.after = await shown(page, `[id="${id}"]`);
  seen.drill.top = await page.locator(`[id="${id}"]`).evaluate((row) => row.getBoundingClientRect().top);
  // A filter that hides the evidence gives way to a link to it.
  await page.fill("[name=words]", "no such thing anywhere");
  await page.waitForTimeout(200);
  await page.evaluate((id) => { location.hash = ""; location.hash = id; }, id);
  await page.waitForTimeout(200);
  seen.drill.through_filter = await shown(page, `[id="${id}"]`);
  await page.context().close();
}

async function keyboard() {
  const page = await open();
  const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    return at.name || at.id || at.getAttribute("href") || at.textContent.trim();
  });
  await page.keyboard.press("Tab");
  seen.keyboard = { first: await focused() };
  await page.keyboard.press("Enter");
  seen.keyboard.skipped_to = await focused();
  const reached = new Set();
  await page.evaluate(() => { document.activeElement.blur(); window.getSelection().removeAllRanges(); });
  await page.focus(".skip");
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press("Tab");
    reached.add(await focused());
  }
  seen.keyboard.reached = [...reached];
  await page.focus(".map tbody tr:nth-child(2) td:nth-child(2) a");
  const place = () => page.evaluate(() => {
    const cell = document.activeElement.closest("td");
    return cell ? [cell.parentElement.rowIndex, cell.cellIndex] : null;
  });
  seen.keyboard.arrows = [await place()];
  for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
    await page.keyboard.press(key);
    seen.keyboard.arrows.push(await place());
  }
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "TR");
  seen.keyboard.evidence = await focused();
  await page.focus(".control:last-of-type summary");
  await page.keyboard.press("Space");
  seen.keyboard.opened = await page.locator(".control:last-of-type").evaluate((each) => each.open);
  await page.context().close();
}

async function print() {
  seen.print = {};
  for (const javaScriptEnabled of [true, false]) {
    const page = await open({ javaScriptEnabled });
    const all = await page.locator("tr[data-cells]").count();
    await page.emulateMedia({ media: "print" });
    const form = await shown(page, "#filter");
    const laid = await page.locator("tr[data-cells]").evaluateAll(
      (rows) => rows.filter((row) => row.getBoundingClientRect().height > 0).length);
    const pdf = await page.pdf({ path: pictures && javaScriptEnabled ? join(pictures, "print.pdf") : undefined });
    seen.print[javaScriptEnabled ? "scripts" : "no_scripts"] = {
      rows: all, laid, form, pages: pdf.toString("latin1").split("/Type /Page\n").length - 1,
    };
    await page.context().close();
  }
}

async function scriptsOff() {
  const page = await open({ javaScriptEnabled: false });
  const link = await page.locator(".map td.fail a").first().getAttribute("href");
  seen.scripts_off = {
    form: await shown(page, "#filter"),
    causes: [await shown(page, ".cause"), await page.locator(".cause").count()],
    sections: await page.locator("details.control").count(),
    hidden: await page.locator("main [hidden]").count(),
  };
  await page.locator(".control summary").first().click();
  seen.scripts_off.unfolds = await shown(page, ".control:first-of-type tr[data-cells]");
  await page.goto(address + link);
  seen.scripts_off.target = await shown(page, `[id="${link.slice(1)}"]`);
  await page.context().close();
}

for (const look of [load, widths, accessible, filter, drillDown, keyboard, print, scriptsOff]) await look();
await browser.close();
process.stdout.write(JSON.stringify(seen));
