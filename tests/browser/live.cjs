// Opens a page that simulates in Chromium, from disk, uses it as a reader would, and holds it against the command.
// node live.cjs MODULES CHROMIUM SCREENSHOTS EXODUS RUN (folder of a run of tests/scenarios/everything.toml)
"use strict";
const [modules, executablePath, screenshots, exodus, folder] = process.argv.slice(2);
const { chromium } = require(`${modules}/playwright-core`);
const { check, becomes } = require("./check.cjs");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");

const HASH = /^[0-9a-f]{32}$/;
async function finished(page) {
    await page.waitForFunction(() => /^[0-9a-f]{32}$/.test(document.getElementById("hash").textContent), null, { timeout: 120000 });
    return page.textContent("#hash");
}
async function comesTo(page, state, what) {
    await finished(page);
    await becomes(async () => await page.textContent("#hash") === state, what);
}
/** What the command comes to with the scenario that the page gives. */
async function byCommand(page, name) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
    const file = path.join(folder, `${name}.toml`);
    await download.saveAs(file);
    execFileSync(exodus, ["run", file, "--out", path.join(folder, name), "--quiet", "--no-report"]);
    return JSON.parse(fs.readFileSync(path.join(folder, name, "manifest.json"), "utf8"));
}
const row = (page, label) => page.locator("#changes li").filter({ has: page.getByText(label, { exact: true }) });

(async () => {
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const browser = await chromium.launch({ executablePath, headless: true, args });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", acceptDownloads: true });
    try { await use(context); } finally { await browser.close(); }
})().catch((error) => {
    console.error(error.message || error);
    process.exit(1);
});

async function opened(context, fragment, complaints) {
    const page = await context.newPage();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => !/^(file|blob):/.test(request.url()) && complaints.push(`loaded ${request.url()}`));
    await page.goto(`file://${path.join(folder, "live.html")}${fragment}`);
    await page.waitForSelector("html[data-ready]", { state: "attached" }).catch((error) => { throw new Error(`${error.message} ${complaints.join("\n")}`); });
    return page;
}

async function use(context) {
    const complaints = [];
    const page = await opened(context, "", complaints);
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, "manifest.json"), "utf8"));
    await comesTo(page, manifest.state_hash, "unchanged, the page comes to the state of the run");
    check(await page.textContent("#headline") === "Nothing is changed yet.", "and says that nothing is changed");
    check(page.workers().length === 1, "one worker simulates");
    const series = (id) => page.evaluate((id) => echarts.getInstanceByDom(document.getElementById(id)).getOption().series.map((s) => [s.name, s.data]), id);
    const before = await series("monthly");
    const mine = before.find(([name]) => name === "Green")[1];
    const published = before.find(([name]) => name === "Green, published run")[1];
    check(mine.length === published.length && mine.every(([, value], k) => Math.abs(value - published[k][1]) < 1), "its curves are those of the run");

    // By keyboard: an intervention off, and on again.
    await row(page, "full block").locator("input[type=checkbox]").focus();
    await page.keyboard.press("Space");
    const off = await finished(page);
    check(off !== manifest.state_hash && HASH.test(off), "without the block another state is come to");
    await page.fill("#on", "2025-04-30");
    await page.dispatchEvent("#on", "change");
    const said = () => page.textContent("#headline");
    await becomes(async () => /^\w+ on 30 April 2025: [+−][\d.]+ (million|thousand) \(± [\d.]+\)$/.test(await said()), "the difference has a number and an error");
    console.log(`   ${await said()}`);
    await becomes(async () => (await page.textContent("#live")).length > 0, "which is told to who cannot see it");
    check((await byCommand(page, "off")).state_hash === off, "the command comes to the same state with the scenario of the page");
    await page.keyboard.press("Tab");
    await row(page, "full block").locator("input[type=checkbox]").focus();
    await page.keyboard.press("Space");
    await comesTo(page, manifest.state_hash, "on again, it is as it was");
    check(!page.url().includes("#"), "and so is the address");

    // A date, a strength, VPNs, another messenger.
    const days = await page.evaluate(() => performance.now());
    await row(page, "full block").locator("input[type=date]").fill("2025-02-12");
    await page.dispatchEvent("#changes input[aria-label='full block: first day']", "change");
    await page.locator("input[aria-label='full block: severity']").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator("#vpn-choice input[type=range]").focus();
    for (let k = 0; k < 5; k++) await page.keyboard.press("PageDown");
    await page.selectOption("#block-choice select", "Blue");
    await page.click("#block");
    const changed = await finished(page);
    console.log(`   ${Math.round(await page.evaluate(() => performance.now()) - days)} ms for all of it`);
    const ran = await byCommand(page, "changed");
    check(ran.state_hash === changed && changed !== manifest.state_hash, "a moved and weakened block, fewer VPNs and another messenger blocked: the same state by the command");
    const file = fs.readFileSync(path.join(folder, "changed.toml"), "utf8");
    check(file.includes("severity = 0.99") && file.includes("2025-02-12") && file.includes("effectiveness = 0.") && file.includes("Blue blocked by the reader"), "the file says so");
    const table = await page.locator("#numbers-table tbody tr").allTextContents();
    check(table.length > 3 && table.every((line) => line.includes("±")), "the table has a difference for every messenger");

    // The link is the scenario.
    const other = await opened(context, page.url().slice(page.url().indexOf("#")), complaints);
    await comesTo(other, changed, "the link comes to the same state");
    check(await row(other, "full block").locator("input[type=date]").inputValue() === "2025-02-12", "and its controls say so");
    await other.close();
    const lost = await opened(context, "#seed%20%3D%203", complaints);
    check(await finished(lost) === manifest.state_hash && (await lost.textContent("#problem")).includes("cannot be followed"), "a link that says nothing sensible is told, and the original shown");
    await lost.close();
    await page.click("#reset");
    await comesTo(page, manifest.state_hash, "back to the original");

    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(fs.readFileSync(`${modules}/axe-core/axe.min.js`, "utf8"));
        const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
        const faults = found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
        check(faults.length === 0, `axe-core finds nothing in ${colorScheme} (${found.passes.length} rules passed) ${faults.join("\n")}`);
        for (const [name, width, height] of [["phone", 390, 844], ["laptop", 1280, 800]]) {
            await page.setViewportSize({ width, height });
            await page.waitForTimeout(300);
            await becomes(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing is wider than a ${name}`);
            await page.screenshot({ path: path.join(screenshots, `live-${name}-${colorScheme}.png`), fullPage: true });
        }
    }
    await page.click("#refine");
    const fine = await finished(page);
    const refined = await byCommand(page, "refined");
    check(refined.users === 100000 && refined.state_hash === fine, "refined, it is the state of 100,000 users");
    check(await page.locator("#refine").isHidden(), "and cannot be refined further");

    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
    await becomes(() => page.workers().length === 0, "left, it has no worker, and no memory of one");
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    check(HASH.test(await finished(page)) && page.workers().length === 1, "come back to, it simulates again");
    check(complaints.length === 0, `the console is silent, nothing is loaded ${complaints.join("\n")}`);
}
