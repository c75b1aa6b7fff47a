// Drives the report's pages in Chromium. Called by the Rust test `html_report`, which makes the pages:
//
//     node check.mjs FOLDER
//
// Nothing here waits for a time; whatever is waited for is waited for as long as it takes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const folder = process.argv[2];
const address = (name) => pathToFileURL(`${folder}/${name}`).href;

// Debian calls it chromium; others have other names for it. LOCKSTEP_CHROMIUM names any.
function browserFile() {
  if (process.env.LOCKSTEP_CHROMIUM) return process.env.LOCKSTEP_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // Not this one.
    }
  }
  throw new Error("there is no Chromium on PATH; install it (apt-get install chromium), or name it with LOCKSTEP_CHROMIUM");
}

// As root, as in a container of a CI system, Chromium's own sandbox cannot start.
const args = ["--disable-gpu", "--disable-background-networking", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])];
const browser = await chromium.launch({ executablePath: browserFile(), args });

// Opens a page that is watched: it may ask for nothing but itself, complain of nothing, and open nothing.
async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  // What does not come at all must not be waited for without end; five minutes are no measure of speed on any machine.
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  const unwanted = [];
  page.on("request", (request) => request.url().split("#")[0] !== address(name) && unwanted.push(`request ${request.url()}`));
  page.on("console", (message) => unwanted.push(`console ${message.text()}`));
  page.on("pageerror", (error) => unwanted.push(`error ${error.message}`));
  page.on("dialog", (dialog) => (unwanted.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  context.on("page", (other) => unwanted.push(`page ${other.url()}`));
  await page.goto(address(name));
  return { page, context, unwanted };
}

// The page follows its address in its own time; who goes somewhere waits for what is to be seen there.
const go = (page, hash) => page.evaluate((to) => void (location.hash = to), hash);
const counted = (page, text) => page.locator("#count", { hasText: text }).waitFor();
const ids = (page) => page.locator(".cases a").evaluateAll((links) => links.map((link) => link.dataset.id));
const count = (page) => page.locator("#count").textContent();
const focused = (page) => page.evaluate(() => document.activeElement?.dataset?.id ?? document.activeElement?.id);

async function accessible(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ impact, id, nodes }) => `${impact}: ${id}: ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], `axe-core on ${what}`);
}

const checks = {
  async "axe-core finds nothing on any page, light or dark, wide or narrow"() {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 420]) {
        for (const name of ["run.html", "gate.html", "strings.html"]) {
          const { page, context } = await open(name, { colorScheme, viewport: { width, height: 900 } });
          await accessible(page, `${name}, ${colorScheme}, ${width}`);
          for (const id of (await ids(page)).slice(0, 2)) {
            await go(page, `#/case/${id}`);
            await page.locator("h1 + .id", { hasText: id }).waitFor();
            for (const details of await page.locator("summary").all()) await details.click();
            await accessible(page, `${id} of ${name}, ${colorScheme}, ${width}`);
          }
          await page.keyboard.press("?");
          await page.locator("dialog[open]").waitFor();
          await accessible(page, `help, ${colorScheme}`);
          await context.close();
        }
      }
    }
  },

  async "a thousand hostile strings are text and nothing else"() {
    const { page, context, unwanted } = await open("strings.html");
    const written = JSON.parse(/id="data">(.*?)<\/script>/s.exec(readFileSync(`${folder}/strings.html`, "utf8"))[1]);
    assert.equal(written.cases.length, 50);
    const seen = new Set();
    for (const item of written.cases) {
      await go(page, `#/case/${item.id}`);
      await page.locator("p.id", { hasText: item.id }).waitFor();
      const shown = await page.locator(".lanes .event").evaluateAll((events) => events.map((event) => event.textContent));
      shown.forEach((text) => seen.add(text));
      for (const trace of item.traces) for (const event of trace.events) assert.ok(shown.includes(event), `${item.id}: ${event}`);
      for (const details of await page.locator("summary").all()) await details.click();
    }
    // Twenty of each case's, all different, beside what the rule allows.
    assert.ok(seen.size >= 1000, `${seen.size}`);
    await go(page, "#/");
    await page.locator(".cases").waitFor();
    await page.locator("#filter-text").fill("<script>window.struck = 1</script>");
    const state = await page.evaluate(() => ({
      struck: window.struck,
      polluted: {}.struck,
      scripts: document.scripts.length,
      strange: document.querySelectorAll("main script, main img, main svg, main iframe, main style, base, [style]:not(.part)").length,
      links: [...document.querySelectorAll("main a")].filter((a) => !/^(https?:|#)/.test(a.getAttribute("href"))).length,
    }));
    assert.deepEqual(state, { struck: undefined, polluted: undefined, scripts: 2, strange: 0, links: 0 });
    assert.deepEqual(unwanted, []);
    await context.close();
  },

  async "an address that names nothing harms nothing"() {
    const { page, context, unwanted } = await open("run.html");
    for (const [hash, heading] of [
      ["#/case/%3Cscript%3E", "No such case"],
      ["#/", "Run"],
      ["#/case/%", "No such case"],
      ["#/?finding=verdict:none&runtime=none", "Run"],
      ["#/case/__proto__", "No such case"],
      ["#<b>", "Run"],
    ]) {
      await go(page, hash);
      await page.locator("h1", { hasText: heading }).waitFor();
    }
    assert.deepEqual(unwanted, []);
    await context.close();
  },

  async "policy and types stand behind it: markup cannot be made of text even by the page's own script"() {
    const { page, context } = await open("run.html");
    const refused = await page.evaluate(async () => {
      const tries = [];
      try {
        document.body.innerHTML = "<b>x</b>";
        tries.push("innerHTML");
      } catch {
        // As it should be.
      }
      const script = document.createElement("script");
      try {
        script.text = "window.struck = 2";
        document.body.append(script);
      } catch {
        // Likewise.
      }
      if (window.struck) tries.push("script");
      await fetch("https://example.org/").then(() => tries.push("fetch"), () => {});
      return tries;
    });
    assert.deepEqual(refused, []);
    await context.close();
  },

  async "filters select by text, category, finding and runtime, and stand in the address"() {
    const { page, context, unwanted } = await open("run.html");
    assert.equal(await count(page), "1,000 cases");
    await page.locator("#filter-category").selectOption("blocking");
    assert.match(await count(page), /^333 of 1,000 cases$|^334 of 1,000 cases$/);
    assert.ok((await ids(page)).every((id) => id.startsWith("blocking/")));
    await page.locator("#filter-finding").selectOption("verdict:fail");
    await page.locator("#filter-runtime").selectOption("deno");
    const failing = await ids(page);
    assert.ok(failing.length > 0 && failing.every((id) => Number(id.slice(-4)) % 9 === 1), failing.join(" "));
    await page.locator("#filter-runtime").selectOption("node");
    assert.deepEqual(await ids(page), []);
    assert.match(await page.locator(".empty").textContent(), /No case/);
    await page.locator("#filter-runtime").selectOption("deno");
    await page.locator("#filter-text").fill(`number ${Number(failing[1].slice(-4))}`);
    assert.ok((await ids(page)).includes(failing[1]));
    // The address holds it: another visit finds the same.
    const url = page.url();
    assert.match(url, /#\/\?text=number\+\d+&category=blocking&finding=verdict%3Afail&runtime=deno$/);
    const before = await ids(page);
    await page.reload();
    assert.deepEqual(await ids(page), before);
    await page.locator("#clear").click();
    await counted(page, /^1,000 cases$/);
    assert.deepEqual(unwanted, []);
    await context.close();
  },

  async "a number of the matrix leads to exactly so many cases"() {
    const { page, context } = await open("run.html");
    const links = await page.locator(".matrix td a").evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.textContent]));
    assert.ok(links.length > 20);
    for (const [href, number] of links) {
      await go(page, href);
      await page.waitForFunction((to) => location.hash === to, href);
      await counted(page, new RegExp(`^${number} of 1,000 cases$`));
    }
    await context.close();
  },

  async "marks can be filtered by, and groups keep their order"() {
    const { page, context } = await open("gate.html");
    assert.deepEqual(await page.locator(".group th").evaluateAll((all) => all.map((th) => th.firstChild.textContent).slice(0, 1)), ["Got worse"]);
    await page.locator("#filter-finding").selectOption("mark:newly failing");
    assert.equal((await ids(page)).length, 1);
    await context.close();
  },

  async "the list is drawn as it is needed, to its end"() {
    const { page, context } = await open("run.html");
    assert.ok((await ids(page)).length < 1000);
    await page.waitForFunction(() => {
      scrollTo(0, document.body.scrollHeight);
      return document.querySelectorAll(".cases a").length === 1000;
    });
    assert.equal(new Set(await ids(page)).size, 1000);
    await context.close();
  },

  async "everything can be reached by keys"() {
    const { page, context, unwanted } = await open("run.html");
    const order = await ids(page);
    await page.keyboard.press("j");
    assert.equal(await focused(page), order[0]);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    assert.equal(await focused(page), order[1]);
    await page.keyboard.press("Enter");
    await page.locator("p.id", { hasText: order[1] }).waitFor();
    assert.equal(await focused(page), "main");
    await page.keyboard.press("j");
    await page.locator("p.id", { hasText: order[2] }).waitFor();
    await page.keyboard.press("u");
    await page.locator(".cases").waitFor();
    assert.equal(await focused(page), order[2]);
    // In a field a letter is a letter.
    await page.keyboard.press("/");
    assert.equal(await focused(page), "filter-text");
    await page.keyboard.type("jtu?");
    assert.equal(await page.locator("#filter-text").inputValue(), "jtu?");
    await page.keyboard.press("Escape");
    assert.notEqual(await focused(page), "filter-text");
    await page.locator("#clear").click();
    await counted(page, /^1,000 cases$/);
    // From case to case past what was drawn, and back by the browser's own way.
    await page.evaluate(() => scrollTo(0, 0));
    await go(page, `#/case/${order[99]}`);
    await page.keyboard.press("j");
    await page.locator(".place", { hasText: "101 of 1,000" }).waitFor();
    await page.goBack();
    await page.locator(".place", { hasText: "100 of 1,000" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".cases").waitFor();
    assert.equal(await focused(page), order[99]);
    await page.keyboard.press("j");
    const next = await focused(page);
    assert.equal((await ids(page)).indexOf(next), 100);
    // Colours, help, and the switch that turns single keys off.
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.keyboard.press("t");
    assert.equal(await ground(), light);
    await page.keyboard.press("t");
    assert.notEqual(await ground(), light);
    await page.keyboard.press("?");
    await page.locator("#keys").uncheck();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    await page.keyboard.press("t");
    assert.notEqual(await ground(), light);
    assert.deepEqual(unwanted, []);
    await context.close();
  },

  async "lanes stand side by side, and the first forbidden event is marked once in each lane that has one"() {
    const { page, context } = await open("run.html");
    await page.locator("#filter-finding").selectOption("verdict:fail");
    const [failing] = await ids(page);
    await go(page, `#/case/${failing}`);
    const table = await page.locator(".lanes").evaluate((lanes) => {
      const heads = [...lanes.querySelectorAll("thead th .name")].map((th) => th.textContent);
      const rows = [...lanes.querySelectorAll("tbody tr")].map((tr) => [...tr.children].map((td) => td.querySelector(".event")?.textContent ?? null));
      const forbidden = [...lanes.querySelectorAll(".forbidden")].map((td) => [td.cellIndex, td.querySelector(".event").textContent, td.title]);
      return { heads, rows, forbidden };
    });
    assert.deepEqual(table.heads, ["the rule allows", "bun", "deno", "inhouse", "node"]);
    assert.deepEqual(table.forbidden, [[2, "event 6 of a timer", "first forbidden event"]]);
    const at = table.rows.findIndex((row) => row[2] === "event 6 of a timer");
    assert.deepEqual(table.rows[at], ["event 4 of a timer", "event 4 of a timer", "event 6 of a timer", "event 4 of a timer", "event 4 of a timer"]);
    // Column by column it is each trace, whole and in order.
    const lane = (index) => table.rows.map((row) => row[index]).filter((event) => event !== null);
    const order = (...numbers) => numbers.map((number) => `event ${number} of a timer`);
    assert.deepEqual(lane(1), order(0, 1, 2, 3, 4, 5, 6, 7));
    assert.deepEqual(lane(2), order(0, 1, 2, 3, 6, 5, 4, 7));
    // A trace that ends too early is marked where it ends.
    await go(page, "#/?finding=verdict:timeout");
    await page.waitForFunction(() => document.querySelector(".cases"));
    const [hanging] = await ids(page);
    await go(page, `#/case/${hanging}`);
    await page.locator("p.id", { hasText: hanging }).waitFor();
    const mark = await page.locator(".lanes .forbidden").evaluateAll((all) => all.map((td) => [td.cellIndex, td.parentNode.rowIndex, td.title]));
    assert.deepEqual(mark, [
      [1, 6, "the trace ends too early"],
      [1, 9, "another end than the rule wants"],
    ]);
    await context.close();
  },

  async "the command to run a case again is there to be copied"() {
    const { page, context } = await open("gate.html");
    await page.keyboard.press("j");
    const id = await focused(page);
    await page.keyboard.press("Enter");
    await page.locator(".commands").waitFor();
    const commands = await page.locator(".commands code").allTextContents();
    assert.deepEqual(commands, [`lockstep run --runtime node --exact ${id}`, `lockstep run --runtime 'dev=node:./out/node' --exact ${id}`]);
    await page.locator(".commands button").first().click();
    await page.waitForFunction(() => /Copied|Selected/.test(document.querySelector(".commands button").textContent));
    await context.close();
  },

  async "without a script it says so"() {
    const { page, context } = await open("run.html", { javaScriptEnabled: false });
    assert.match(await page.locator("noscript").innerText(), /script of its own/);
    await context.close();
  },
};

let failed = 0;
// A second argument, part of a name, is for who looks into one of them.
for (const [name, check] of Object.entries(checks).filter(([name]) => name.includes(process.argv[3] ?? ""))) {
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
process.exitCode = failed ? 1 : 0;
