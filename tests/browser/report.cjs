// Opens pages in Chromium, from disk, and holds them against the tables beside them.
// node report.cjs MODULES CHROMIUM SCREENSHOTS RUN REPLICATES SWEEP COMPARISON POINTS (folders); prints a line for each thing it
// checked, fails at the first that is wrong.
"use strict";
const [modules, executablePath, screenshots, ...folders] = process.argv.slice(2);
const { chromium } = require(`${modules}/playwright-core`);
const { check, becomes } = require("./check.cjs");
const fs = require("fs");
const os = require("os");
const path = require("path");

const near = (a, b) => Math.abs(a - b) <= Math.max(0.51, 0.006 * Math.abs(b));

/** Rows of a table, whose cells may be quoted. */
function rows(folder, name) {
    const [head, ...rest] = fs.readFileSync(path.join(folder, name), "utf8").trim().split("\n")
        .map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, "").replace(/""/g, '"')));
    return rest.map((row) => Object.fromEntries(head.map((column, k) => [column, row[k]])));
}

/** A number as the page says it: 96.89 M, −12.3 k, 812, +1.2 pp. */
function value(text) {
    const [, sign, number, unit] = text.match(/([-−+]?)([\d.,]+)(?: (M|k|%|pp))?/);
    return (sign === "-" || sign === "−" ? -1 : 1) * Number(number.replaceAll(",", "")) * ({ M: 1e6, k: 1e3, "%": 0.01, pp: 0.01 }[unit] || 1);
}

/** Drawn lines of a chart over days, against the rows of a table. */
async function linesAre(page, id, wanted) {
    check(wanted.length > 0, `the table has points of #${id}`);
    await becomes(async () => {
        const drawn = await page.evaluate((id) => echarts.getInstanceByDom(document.getElementById(id)).getOption().series.map((s) => [s.name, s.data]), id);
        for (const [messenger, date, number] of wanted) {
            const [, points] = drawn.find(([name]) => name === messenger);
            const point = points.find(([ms]) => new Date(ms).toISOString().startsWith(date));
            if (Math.abs(point[1] - Number(number)) > 0.51) throw new Error(`${date}, ${messenger}: drawn ${point[1]}, table ${number}`);
        }
        return true;
    }, `${wanted.length} points of #${id} are those of the table`);
}
const live = (page) => page.textContent("#live");
/** What the live region said of a name. */
const toldOf = (text, name) => value(text.slice(text.indexOf(": ") + 2).split(", ").find((part) => part.startsWith(`${name} `)).slice(name.length));
const text = (page, selector) => page.locator(selector).allTextContents();

async function run(page, folder) {
    const table = rows(folder, "series.csv");
    const names = [...new Set(table.map((row) => row.messenger))];
    const dates = [...new Set(table.map((row) => row.date))];
    const data = JSON.parse(await page.textContent("#data"));
    check(await page.textContent("h1") === data.title && await page.locator("b").count() === 0, "names are text, not markup");
    await linesAre(page, "monthly", table.map((row) => [row.messenger, row.date, row.monthly_reach]));
    check(table.length === names.length * dates.length, "that is all of them");

    // By mouse: the tooltip in the middle of the plot says the day's figures.
    const box = await page.locator("#monthly").boundingBox();
    const middleDay = dates[Math.floor(dates.length / 2)];
    const x = await page.evaluate((ms) => echarts.getInstanceByDom(document.getElementById("monthly")).convertToPixel({ xAxisIndex: 0 }, ms), Date.parse(middleDay));
    await page.locator("#monthly").scrollIntoViewIfNeeded();
    const seen = await page.locator("#monthly").boundingBox();
    await page.mouse.move(seen.x + x, seen.y + box.height / 2);
    const middle = table.filter((row) => row.date === middleDay);
    await becomes(async () => {
        const told = await page.locator("#monthly .tip tr").evaluateAll((trs) => trs.map((tr) => [...tr.cells].map((cell) => cell.textContent)));
        const lines = told.filter(([, name]) => names.includes(name));
        return lines.length === names.length && middle.every((row) => near(value(lines.find(([, name]) => name === row.messenger)[2]), row.monthly_reach));
    }, "hovering says what series.csv says");
    const published = data.targets.filter((t) => t.column === "monthly_reach");
    const dots = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("monthly")).getOption().series.filter((s) => s.type === "scatter").flatMap((s) => s.data.map((d) => d.value[1])));
    check(published.length === 2 && published.every((t) => dots.includes(t.people)), "published figures stand beside the curves");

    // By keyboard: End, then a day back.
    await page.focus("#monthly");
    await page.keyboard.press("End");
    const last = (name, date) => table.find((row) => row.messenger === name && row.date === date).monthly_reach;
    await becomes(async () => near(toldOf(await live(page), names[0]), last(names[0], dates.at(-1))), "End tells the last day's figures");
    const lastDay = await live(page);
    await page.keyboard.press("ArrowLeft");
    await becomes(async () => await live(page) !== lastDay && near(toldOf(await live(page), names[0]), last(names[0], dates.at(-2))), "arrow keys move the cursor and its figures are told");
    await page.keyboard.press("+");
    await becomes(async () => await page.inputValue("#from") > dates[0], "plus zooms, for all charts");
    await page.focus("#all");
    await page.keyboard.press("Enter");
    await becomes(async () => await page.inputValue("#from") === dates[0] && await page.inputValue("#to") === dates.at(-1), "all dates again");
    await toggles(page);

    // Tables stand in for charts.
    await page.locator("#monthly ~ details summary").click();
    await becomes(async () => {
        const cells = await text(page, "#monthly ~ details table:first-of-type tbody tr:last-child td");
        return cells.length === names.length && cells.every((cell, k) => Math.abs(Number(cell.replaceAll(",", "")) - last(names[k], dates.at(-1))) <= 0.51);
    }, "the chart's table is that of series.csv");
    await becomes(async () => (await text(page, "#monthly ~ details table:nth-of-type(2) tbody tr")).length === 2, "and says what was published");
    await page.locator("#monthly ~ details summary").click();
}

/** A messenger off and on, by keyboard. */
async function toggles(page) {
    const paths = () => page.locator("#monthly path[stroke-width='2']").count();
    const all = await paths();
    const toggle = page.locator("#controls input[type=checkbox]").first();
    await toggle.focus();
    await page.keyboard.press("Space");
    await becomes(async () => await paths() === all - 1 && !(await toggle.isChecked()), "a messenger is switched off");
    await page.keyboard.press("Space");
    await becomes(async () => await paths() === all, "and on again");
}

async function replicates(page, folder) {
    const table = rows(folder, "replicates.csv").filter((row) => row.column === "monthly_reach");
    await linesAre(page, "monthly", table.map((row) => [row.messenger, row.date, row.mean]));
    const names = [...new Set(table.map((row) => row.messenger))];
    check(await page.locator("#monthly path[fill-opacity='0.13'], #monthly path[fill-opacity='0.25']").count() >= 2 * names.length, "every line has two bands");
    await page.focus("#monthly");
    await page.keyboard.press("End");
    const end = table.findLast((row) => row.messenger === names[0]);
    await becomes(async () => near(toldOf(await live(page), names[0]), end.mean), "End tells the last day's means");
    await becomes(async () => {
        const tip = await text(page, "#monthly .tip tr");
        const [from, to] = tip.find((row) => row.includes(names[0])).match(/\[(.*) to (.*)\]/).slice(1).map(value);
        return near(from, Number(end.low)) && near(to, Number(end.high));
    }, "and the interval");
    await toggles(page);
}

async function sweep(page, folder) {
    const table = rows(folder, "results.csv");
    const data = JSON.parse(await page.textContent("#data"));
    const output = data.manifest.outputs[0].name;
    const column = data.manifest.outputs[0].column_name;
    const mean = (of) => of.reduce((sum, row) => sum + Number(row[column]), 0) / of.length;
    const means = data.points.map((p) => mean(table.filter((row) => Number(row.point) === p.number)));
    const cells = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("heat-0")).getOption().series[0].data.map((d) => d.value));
    const close = (a, b) => Math.abs(a - b) <= 1e-5 * Math.abs(b);
    check(cells.length === means.length && cells.every(([i, j, x]) => data.points.some((p, k) => p.levels[0] === data.levels[0][i] && p.levels[1] === data.levels[1][j] && close(x, means[k]))), `${cells.length} cells of the heat map are means of results.csv`);
    check((await text(page, "#points tbody tr")).length === means.length, "the table has all points");
    await page.focus("#response-0");
    await page.keyboard.press("End");
    const [factor, other] = data.manifest.factors.map((f) => f.name);
    const at = data.levels[0].length - 1;
    const k = data.points.findIndex((p) => p.levels[0] === data.levels[0][at] && p.levels[1] === data.levels[1][0]);
    await becomes(async () => (await live(page)).startsWith(`${factor} ${data.levels[0][at]}: `) && near(toldOf(await live(page), data.levels[1][0]), means[k]), "the keyboard reads the response curve");
    await page.keyboard.press("ArrowLeft");
    await becomes(async () => (await live(page)).startsWith(`${factor} ${data.levels[0][at - 1]}: `), "level by level");
    const bars = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("sensitivity-0")).getOption().series[0].data);
    const indices = rows(folder, "sensitivity.csv").filter((row) => row.output === column).map((row) => Number(row.value));
    check(bars.length === 2 && indices.every((x) => bars.includes(x)), `bars are those of sensitivity.csv (${other} among them)`);
    const axis = () => page.evaluate(() => echarts.getInstanceByDom(document.getElementById("parallel")).getOption().parallelAxis.at(-1).name);
    const first = await axis();
    const select = page.locator("#charts select").first();
    await select.focus();
    await page.keyboard.press("ArrowDown");
    await becomes(async () => first === output && await axis() === data.manifest.outputs[1].name, "another output is chosen");
}

async function comparison(page, folder) {
    const table = rows(folder, "differences.csv").filter((row) => row.column === "monthly_reach");
    const runs = [...new Set(table.map((row) => row.run))];
    check(runs.length === 2, "two are compared with the reference");
    await linesAre(page, "monthly", table.filter((row) => row.run === runs[0]).map((row) => [row.messenger, row.date, row.difference]));
    const choice = page.locator("#other");
    await choice.focus();
    await page.keyboard.press("ArrowDown");
    await linesAre(page, "monthly", table.filter((row) => row.run === runs[1]).map((row) => [row.messenger, row.date, row.difference]));
    const measures = rows(folder, "measures.csv").filter((row) => row.run === runs[1] && row.measure === "day" && row.column === "monthly_reach");
    const end = measures.filter((row) => row.date === measures.map((m) => m.date).sort().at(-1));
    const rowsShown = () => page.locator("#summary tbody tr").evaluateAll((trs) => trs.map((tr) => [...tr.cells].map((cell) => cell.textContent)));
    await becomes(async () => {
        const shown = await rowsShown();
        return end.length > 1 && end.every((m) => {
            // It has two digits of half the interval.
            const [told, difference] = [value(shown.find(([name]) => name === `${m.messenger}, monthly reach`)[3]), Number(m.difference)];
            return near(told, difference) || Math.abs(told - difference) <= (Number(m.high) - Number(m.low)) / 40;
        });
    }, "the table's differences are those of measures.csv");
    const shown = await rowsShown();
    const gains = end.filter((m) => m.gain && Number(m.gain) <= 999 && Number(m.difference) !== 0);
    check(gains.length > 0 && gains.every((m) => Math.abs(value(shown.find(([name]) => name === `${m.messenger}, monthly reach`)[5]) / Number(m.gain) - 1) < 0.01), "and so are the gains");
    const flows = rows(folder, "flows.csv").filter((row) => row.run === runs[1]);
    const links = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("moved")).getOption().series[0].links.map((l) => l.value));
    check(links.reduce((a, b) => a + b, 0) === flows.reduce((sum, row) => sum + Number(row.users), 0), "the flows are those of flows.csv");
    await toggles(page);
}

/** A sweep without a grid. */
async function points(page, folder) {
    const table = rows(folder, "results.csv");
    const data = JSON.parse(await page.textContent("#data"));
    const outputs = data.manifest.outputs;
    const median = (name) => table.map((row) => Number(row[name])).sort((a, b) => a - b)[Math.floor(table.length / 2)];
    await linesAre(page, "fan-0", outputs.map((o) => [o.messenger, o.figure, median(o.column_name)]));
    await page.focus("#fan-0");
    await page.keyboard.press("End");
    await becomes(async () => near(toldOf(await live(page), outputs[0].messenger), median(data.manifest.outputs[2].column_name)), "the keyboard reads the fan");
    const dots = () => page.evaluate(() => echarts.getInstanceByDom(document.getElementById("scatter")).getOption().series.filter((s) => s.type === "scatter").map((s) => s.data));
    const are = (drawn, name) => drawn.length === 2 && drawn.every((panel) => panel.length === table.length && panel.every(([, y, , point]) => Math.abs(y - Number(table.find((row) => Number(row.point) === point)[name])) < 1));
    check(are(await dots(), outputs[2].column_name), `${table.length} points stand against both factors`);
    const select = page.locator("#charts select").first();
    await select.focus();
    await page.keyboard.press("ArrowDown");
    await becomes(async () => are(await dots(), outputs[5].column_name), "another output is chosen");
}

(async () => {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "exodus-browser-"));
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args, viewport: { width: 1280, height: 800 }, colorScheme: "light" });
    try {
        for (const [k, own] of [run, replicates, sweep, comparison, points].entries()) await opened(context, own, folders[k]);
    } finally {
        await context.close();
        fs.rmSync(profile, { recursive: true, force: true });
    }
})().catch((error) => {
    console.error(error.message || error);
    process.exit(1);
});

/** A page, what is its own, and what all have in common. */
async function opened(context, own, folder) {
    console.log(`-- ${own.name}`);
    const page = await context.newPage();
    const complaints = [];
    const requests = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`file://${path.join(folder, "report.html")}`);
    await page.waitForSelector("html[data-ready]", { state: "attached" }).catch((error) => { throw new Error(`${error.message} ${complaints.join("\n")}`); });
    check(requests.length === 1 && requests[0].startsWith("file:"), "nothing is loaded but the file");
    await own(page, folder);

    const tops = await page.evaluate(() => [...document.querySelectorAll(".chart")].map((box) => echarts.getInstanceByDom(box)).filter((chart) => {
        const axes = chart?.getOption().yAxis || [];
        return axes.length === 1 && axes[0].type === "value" && axes[0].axisLabel.formatter(1) === "100 %";
    }).map((chart) => chart.getModel().getComponent("yAxis").axis.scale.getExtent()[1]));
    check(tops.every((top) => top <= 1), `shares end at 100 %: ${tops.join(", ")}`);

    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.addScriptTag({ path: `${modules}/axe-core/axe.min.js` }).catch(() => page.evaluate(fs.readFileSync(`${modules}/axe-core/axe.min.js`, "utf8")));
        const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
        const faults = found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | ")}`);
        check(faults.length === 0, `axe-core finds nothing in ${colorScheme} (${found.passes.length} rules passed) ${faults.join("\n")}`);
        // axe does not look at lines: 4.5 to 1 against the ground, as WCAG asks of the names beside them.
        const ratios = await page.evaluate(() => {
            const style = getComputedStyle(document.documentElement);
            const light = (name) => style.getPropertyValue(name).trim().match(/\w\w/g).map((h) => parseInt(h, 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
            const ground = light("--ground");
            return [...Array(8).keys()].map((k) => light(`--c${k}`)).map((l) => (Math.max(l, ground) + 0.05) / (Math.min(l, ground) + 0.05));
        });
        check(Math.min(...ratios) >= 4.5, `lines and their names stand out in ${colorScheme}: ${ratios.map((r) => r.toFixed(1)).join(", ")}`);
        if (colorScheme === "dark") await page.screenshot({ path: path.join(screenshots, `${own.name}-dark.png`), fullPage: true });
    }
    await page.emulateMedia({ colorScheme: "light" });
    for (const [name, width, height] of [["phone", 390, 844], ["laptop", 1280, 800]]) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(300);
        await becomes(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing is wider than a ${name}`);
        const clipped = await page.evaluate(() => [...document.querySelectorAll("#charts svg text")].map((text) => text.textContent).filter((text) => text.includes("…")));
        check(clipped.length === 0, `no name is clipped on a ${name} ${clipped.join(" | ")}`);
        await page.screenshot({ path: path.join(screenshots, `${own.name}-${name}.png`), fullPage: true });
    }
    const paper = path.join(screenshots, `${own.name}-print.pdf`);
    await page.pdf({ path: paper, format: "A4" });
    check(fs.statSync(paper).size > 10000, "it prints");
    check(complaints.filter((text) => !text.includes("axe")).length === 0, `the console is silent ${complaints.join("\n")}`);
    await page.close();
}
