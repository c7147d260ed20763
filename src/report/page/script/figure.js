/* Figures: a caption, a chart that takes the keyboard, its numbers as a table. */

const figures = [];
/** Width of a chart, in pixels, below which its lines are named in a key. */
const NARROW = 520;
/**
 * `spec`: id, title, text, height(width), option(width), numbers() -> tables of [caption, head, rows]; `named()` gives the key,
 * `controls` stand above the chart, `ready` and `drawn` get the chart.
 */
function figure(spec, into) {
    const chartBox = element("div", { class: "chart", id: spec.id, tabindex: "0", role: "application", "aria-roledescription": "chart", "aria-label": `${spec.title}. ${spec.text} ${spec.keys || "The numbers are in the table below."}` });
    const numbers = element("details", {}, element("summary", {}, "Numbers", element("span", { class: "unseen" }, ` of ${spec.title}`)));
    numbers.addEventListener("toggle", () => {
        if (!numbers.open) return;
        numbers.querySelector(".scroll")?.remove();
        numbers.append(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of ${spec.title}` }, ...spec.numbers().map((one) => table(...one))));
    });
    const key = element("p", { class: spec.key === "always" ? "key always" : "key", "aria-hidden": "true" });
    into.append(element("figure", {}, element("figcaption", {}, element("h3", {}, spec.title), element("p", {}, spec.text)), ...(spec.controls || []), key, chartBox, numbers));
    const made = { ...spec, box: chartBox, keyBox: key, chart: null };
    figures.push(made);
    return made;
}
function draw(f) {
    const width = f.box.clientWidth || 320;
    // Where there is no room for names at the ends of lines, a key stands above them.
    f.box.parentElement.classList.toggle("narrow", width < NARROW);
    f.keyBox.replaceChildren(...(f.named?.() || []).map(([k, name]) => element("span", {}, swatch(k), name)));
    f.box.style.height = f.height(width) + "px";
    if (!f.chart) {
        f.chart = echarts.init(f.box, null, { renderer: "svg", width, height: f.height(width) });
        f.ready?.(f.chart);
    } else f.chart.resize({ width, height: f.height(width) });
    f.chart.setOption(f.option(width), { notMerge: true });
    f.drawn?.(f.chart);
}
function redraw() { figures.forEach(draw); }
/** Figures go with what they stand in. */
function forget() {
    figures.forEach((f) => f.chart?.dispose());
    figures.length = 0;
}
function say(text) { document.getElementById("live").textContent = text; }

function base() {
    return {
        animation: false, useUTC: true, textStyle: { fontFamily: "system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif" },
        aria: { enabled: false },
    };
}
function tooltip(make) {
    return { confine: true, backgroundColor: colour("ground"), borderColor: colour("line"), textStyle: { color: colour("ink"), fontSize: 13 }, transitionDuration: 0, extraCssText: "box-shadow: 0 1px 6px rgb(0 0 0 / 25%);", formatter: make };
}
/** The inside of a tooltip: a heading, and rows of a swatch's number (or none), a name and a value. */
function tipTable(heading, rows) {
    return element("div", { class: "tip" }, element("strong", {}, heading), element("table", {}, element("tbody", {}, ...rows.map(([k, name, value]) =>
        element("tr", {}, element("td", {}, ...(k == null ? [] : [swatch(k)])), element("td", {}, name), element("td", { class: "number" }, value))))));
}
/** First days of months, or days equally far apart, counted from the first of a month where one is shown: about `most` steps. */
function dayTicks(from, to, most) {
    const months = (ms) => 12 * new Date(ms).getUTCFullYear() + new Date(ms).getUTCMonth();
    const firsts = [];
    for (let k = months(from); Date.UTC(Math.floor(k / 12), k % 12, 1) <= to; k++) {
        const ms = Date.UTC(Math.floor(k / 12), k % 12, 1);
        if (ms >= from) firsts.push(ms);
    }
    const month = (ms) => MONTHS[months(ms) % 12];
    if (firsts.length < 3) {
        const step = [1, 2, 5, 7, 10, 14].find((step) => (to - from) / DAY / step <= most) ?? 28;
        const first = firsts[0] ?? from;
        const ticks = [];
        for (let ms = first - Math.floor((first - from) / DAY / step) * step * DAY; ms <= to; ms += step * DAY) ticks.push(ms);
        return { ticks, said: (ms) => `${new Date(ms).getUTCDate()} ${month(ms)}` };
    }
    const step = [1, 2, 3, 6, 12, 24, 60, 120, 240].find((step) => firsts.length / step <= most) ?? 600;
    const said = (ms) => (months(ms) % 12 === 0 ? String(Math.floor(months(ms) / 12)) : month(ms));
    return { ticks: firsts.filter((ms) => months(ms) % step === 0), said };
}
/** An axis of days, `length` pixels long. */
function timeAxis(length, { from, to }, more = {}) {
    const { ticks, said } = dayTicks(from, to, Math.max(2, Math.floor(length / 70)));
    return {
        type: "time", min: from, max: to, axisLine: { lineStyle: { color: colour("soft") } }, axisTick: { customValues: ticks, lineStyle: { color: colour("soft") } },
        axisLabel: { customValues: ticks, color: colour("soft"), hideOverlap: true, formatter: said }, splitLine: { show: false }, ...more,
    };
}
/** Ticks of a logarithmic axis: powers of ten, of a short range with numbers between them, as in figures for print. */
function logTicks(low, high) {
    const powers = Math.log10(high / low);
    const factors = powers > 2.5 ? [1] : powers > 1.2 ? [1, 3] : [1, 2, 5];
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) ticks.push(...factors.map((factor) => Number(`${factor}e${power}`)));
    return ticks.filter((x) => x >= low * (1 - 1e-9) && x <= high * (1 + 1e-9));
}
function valueAxis(unit, more = {}) {
    return {
        type: "value", axisLabel: { color: colour("soft"), hideOverlap: true, formatter: (v) => UNITS[unit](v) }, splitLine: { lineStyle: { color: colour("line") } },
        splitNumber: 4, ...more,
    };
}
