// Opens a report in Chromium, from disk, and holds it against the run's tables.
// node report.cjs MODULES CHROMIUM RUN_DIR SCREENSHOTS; prints a line for each thing it checked, fails at the first that is wrong.
"use strict";
const [modules, executablePath, run, screenshots] = process.argv.slice(2);
const { chromium } = require(`${modules}/playwright-core`);
const fs = require("fs");
const os = require("os");
const path = require("path");

function check(truth, what) {
    if (!truth) throw new Error(what);
    console.log(`ok: ${what}`);
}

/** Rows of series.csv, whose names may be quoted. */
function series() {
    const [head, ...rows] = fs.readFileSync(path.join(run, "series.csv"), "utf8").trim().split("\n")
        .map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, "").replace(/""/g, '"')));
    return rows.map((row) => Object.fromEntries(head.map((name, k) => [name, row[k]])));
}

/** A number as the page says it: 96.89 M, 12.3 k, 812. */
function value(text) {
    const [, number, unit] = text.match(/([\d.,]+)(?: ([Mk]))?$/);
    return Number(number.replaceAll(",", "")) * ({ M: 1e6, k: 1e3 }[unit] || 1);
}

(async () => {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "exodus-browser-"));
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args, viewport: { width: 1280, height: 800 }, colorScheme: "light" });
    try {
        const page = await context.newPage();
        const complaints = [];
        const requests = [];
        page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("request", (request) => requests.push(request.url()));
        const address = `file://${path.join(run, "report.html")}`;
        await page.goto(address);
        await page.waitForSelector("html[data-ready]", { state: "attached" });
        const rows = series();
        const names = [...new Set(rows.map((row) => row.messenger))];
        const dates = [...new Set(rows.map((row) => row.date))];
        check(requests.length === 1 && requests[0].startsWith("file:"), "nothing is loaded but the file");
        const data = JSON.parse(await page.textContent("#data"));
        check(await page.textContent("h1") === data.title && await page.locator("b").count() === 0, "names are text, not markup");

        // Every drawn point of monthly reach is the table's, to the person.
        const drawn = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("monthly")).getOption().series.map((s) => [s.name, s.data]));
        let compared = 0;
        for (const row of rows) {
            const [, points] = drawn.find(([name]) => name === row.messenger);
            const point = points.find(([ms]) => new Date(ms).toISOString().startsWith(row.date));
            if (Math.abs(point[1] - Number(row.monthly_reach)) > 0.51) throw new Error(`${row.date}, ${row.messenger}: drawn ${point[1]}, table ${row.monthly_reach}`);
            compared += 1;
        }
        check(compared === names.length * dates.length, `${compared} points of monthly reach are those of series.csv`);

        // By mouse: the tooltip in the middle of the plot says the day's figures.
        const box = await page.locator("#monthly").boundingBox();
        const x = await page.evaluate((ms) => echarts.getInstanceByDom(document.getElementById("monthly")).convertToPixel({ xAxisIndex: 0 }, ms), Date.parse(dates[Math.floor(dates.length / 2)]));
        await page.locator("#monthly").scrollIntoViewIfNeeded();
        const seen = await page.locator("#monthly").boundingBox();
        await page.mouse.move(seen.x + x, seen.y + box.height / 2);
        const tip = page.locator("#monthly .tip");
        await tip.waitFor();
        const told = await tip.locator("tr").evaluateAll((trs) => trs.map((tr) => [...tr.cells].map((cell) => cell.textContent)));
        const middle = rows.filter((row) => row.date === dates[Math.floor(dates.length / 2)]);
        check(told.length === names.length && middle.every((row) => {
            const [, , said] = told.find(([, name]) => name === row.messenger);
            return Math.abs(value(said) - row.monthly_reach) <= Math.max(0.51, 0.006 * row.monthly_reach);
        }), "hovering says what series.csv says");

        // By keyboard: End, then a day back.
        await page.focus("#monthly");
        await page.keyboard.press("End");
        const live = () => page.textContent("#live");
        const last = (name, date) => rows.find((row) => row.messenger === name && row.date === date).monthly_reach;
        const lastDay = await live();
        await page.keyboard.press("ArrowLeft");
        const before = await live();
        const told2 = (text, name) => value(text.slice(text.indexOf(": ") + 2).split(", ").find((part) => part.startsWith(`${name} `)) || "0");
        const near = (a, b) => Math.abs(a - b) <= Math.max(0.51, 0.006 * b);
        check(lastDay !== before && near(told2(lastDay, names[0]), last(names[0], dates.at(-1))) && near(told2(before, names[0]), last(names[0], dates.at(-2))), "arrow keys move the cursor and its figures are told");
        await page.keyboard.press("+");
        check(await page.inputValue("#from") > dates[0], "plus zooms, for all charts");
        await page.focus("#all");
        await page.keyboard.press("Enter");
        check(await page.inputValue("#from") === dates[0] && await page.inputValue("#to") === dates.at(-1), "all dates again");

        // A messenger off and on, by keyboard.
        const paths = () => page.locator("#monthly path[stroke-width='2']").count();
        const all = await paths();
        const toggle = page.locator("#controls input[type=checkbox]").first();
        await toggle.focus();
        await page.keyboard.press("Space");
        check(await paths() === all - 1 && !(await toggle.isChecked()), "a messenger is switched off");
        await page.keyboard.press("Space");
        check(await paths() === all, "and on again");

        // Tables stand in for charts.
        await page.locator("#monthly ~ details summary").click();
        const cells = await page.locator("#monthly ~ details tbody tr").last().locator("td").allTextContents();
        check(cells.every((cell, k) => Math.abs(Number(cell.replaceAll(",", "")) - last(names[k], dates.at(-1))) <= 0.51), "the chart's table is that of series.csv");
        await page.locator("#monthly ~ details summary").click();

        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            await page.addScriptTag({ path: `${modules}/axe-core/axe.min.js` }).catch(() => page.evaluate(fs.readFileSync(`${modules}/axe-core/axe.min.js`, "utf8")));
            const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
            const faults = found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | ")}`);
            check(faults.length === 0, `axe-core finds nothing in ${colorScheme} (${found.passes.length} rules passed) ${faults.join("\n")}`);
            // axe does not look at lines: 3 to 1 against the ground, as WCAG asks of graphics.
            const ratios = await page.evaluate(() => {
                const style = getComputedStyle(document.documentElement);
                const light = (name) => style.getPropertyValue(name).trim().match(/\w\w/g).map((h) => parseInt(h, 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
                const ground = light("--ground");
                return [...Array(8).keys()].map((k) => light(`--c${k}`)).map((l) => (Math.max(l, ground) + 0.05) / (Math.min(l, ground) + 0.05));
            });
            check(Math.min(...ratios) >= 4.5, `lines and their names stand out in ${colorScheme}: ${ratios.map((r) => r.toFixed(1)).join(", ")}`);
        }
        await page.emulateMedia({ colorScheme: "light" });

        for (const [name, width, height] of [["phone", 390, 844], ["laptop", 1280, 800]]) {
            await page.setViewportSize({ width, height });
            await page.waitForTimeout(300);
            check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing is wider than a ${name}`);
            await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
        }
        await page.pdf({ path: path.join(screenshots, "print.pdf"), format: "A4" });
        check(fs.statSync(path.join(screenshots, "print.pdf")).size > 10000, "it prints");
        check(complaints.filter((text) => !text.includes("axe")).length === 0, `the console is silent ${complaints.join("\n")}`);
    } finally {
        await context.close();
        fs.rmSync(profile, { recursive: true, force: true });
    }
})().catch((error) => {
    console.error(error.message || error);
    process.exit(1);
});
