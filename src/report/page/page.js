// The page of a run: words, charts and tables from the data it holds. Every text from the data is set as text, never as
// markup; tooltips are elements for the same reason.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const messengers = data.messengers;
const days = data.dates.map(time);
const DAY = 86400000;
const shown = new Set(messengers.keys());
const range = { from: days[0], to: days[days.length - 1] };
let marksShown = true;
let paper = false;

// ---- small things ----

function time(date) { return Date.parse(date + "T00:00:00Z"); }
function iso(ms) { return new Date(ms).toISOString().slice(0, 10); }
function words(date) {
    return new Date(typeof date === "number" ? date : time(date))
        .toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}
function count(n) { return Math.round(n).toLocaleString("en-US"); }
function people(n) {
    const size = Math.abs(n);
    if (size >= 1e6) return (n / 1e6).toLocaleString("en-US", { maximumFractionDigits: size >= 1e8 ? 1 : 2 }) + " M";
    if (size >= 1e4) return (n / 1e3).toLocaleString("en-US", { maximumFractionDigits: 1 }) + " k";
    return count(n);
}
function percent(x) { return (100 * x).toLocaleString("en-US", { maximumFractionDigits: 1 }) + " %"; }
const UNITS = { people, share: percent };
function said(value, unit) { return value == null ? "none" : UNITS[unit](value); }

/** An element; strings become text. */
function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value != null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children);
    return made;
}
function table(caption, head, rows) {
    const cell = (tag, content, k, attributes = {}) => {
        const number = Object.hasOwn(Object(content), "number");
        const inner = number ? content.number : content;
        return element(tag, { ...attributes, class: number || (tag === "th" && k > 0 && rows[0] && rows[0][k] && rows[0][k].number != null) ? "number" : null }, inner);
    };
    return element("table", {},
        ...(caption ? [element("caption", {}, caption)] : []),
        ...(head ? [element("thead", {}, element("tr", {}, ...head.map((h, k) => cell("th", h, k, { scope: "col" }))))] : []),
        element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((c, k) => (k === 0 ? cell("th", c, k, { scope: "row" }) : cell("td", c, k)))))));
}
function list(names) { return names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + " and " + names[names.length - 1]; }
function plural(n, one) { return count(n) + " " + one + (n === 1 ? "" : "s"); }

// ---- look: colours for every kind of eye, and dashes, so that colour is never alone ----

const DASHES = ["solid", [7, 3], [2, 2], [9, 3, 2, 3]];
const SHAPES = ["circle", "triangle", "rect", "diamond"];
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }
function look(k) { return { color: colour("c" + (k % 8)), dash: DASHES[(k + Math.floor(k / 8)) % 4], shape: SHAPES[(k + Math.floor(k / 8)) % 4] }; }
function swatch(k) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const { dash } = look(k);
    for (const [key, value] of Object.entries({ x1: 0, x2: 28, y1: 6, y2: 6, "stroke-width": 3, "stroke-dasharray": dash === "solid" ? "none" : dash.join(" ") })) line.setAttribute(key, value);
    line.style.stroke = `var(--c${k % 8})`;
    svg.setAttribute("class", "swatch");
    svg.setAttribute("aria-hidden", "true");
    svg.append(line);
    return svg;
}

// ---- interventions, numbered in order of time ----

const done = data.interventions.map((i, k) => ({ ...i, number: k + 1, at: time(i.from) }));

/** Those that begin within the range, those closer than `gap` pixels together: [time, label, interventions]. */
function flags(width, gap) {
    const near = gap * (range.to - range.from) / Math.max(width, 1);
    const groups = [];
    for (const i of done.filter((i) => i.at >= range.from && i.at <= range.to && i.at > days[0])) {
        const last = groups[groups.length - 1];
        if (last && i.at - last.at < near) last.members.push(i);
        else groups.push({ at: i.at, members: [i] });
    }
    return groups.map(({ at, members }) => [at, members.length > 1 ? `${members[0].number}–${members[members.length - 1].number}` : `${members[0].number}`, members]);
}

// ---- charts over time ----

const TIMES = [
    { id: "monthly", title: "Monthly reach", text: "People who opened it in the last 30 days, whether or not it worked.", column: "monthly_reach", unit: "people", tall: true },
    { id: "daily", title: "Daily reach", text: "People who opened it that day, whether or not it worked.", column: "daily_reach", unit: "people" },
    { id: "main", title: "Main app", text: "Share of people who use it most.", column: "main_share", unit: "share" },
    { id: "traffic", title: "Share of traffic", text: "Its share of all use of messengers.", column: "traffic_share", unit: "share" },
    { id: "holders", title: "Installed", text: "People who have it on their phone.", column: "holders", unit: "people" },
    { id: "vpn", title: "People with a VPN", text: "Share of people.", lines: [["vpn_share", "with a VPN"]], unit: "share" },
    { id: "starts", title: "VPN starts and stops", text: "People who got a VPN, or gave theirs up, that day.", lines: [["vpn_starts", "starts"], ["vpn_stops", "stops"]], unit: "people" },
    { id: "ties", title: "Ties that can still talk", text: "Share of ties with an app that both ends hold and that works for both.", lines: [["connected_ties", "as it is"], ["connected_ties_without_vpn", "if nobody had a VPN"]], unit: "share", free: true },
    { id: "kinds", title: "Surveilled and encrypted traffic", text: "Share of use that the state can read, and share that is end-to-end encrypted.", lines: [["surveilled_traffic", "surveilled"], ["encrypted_traffic", "encrypted"]], unit: "share" },
];

/** Lines of a chart: name, values, look. */
function lines(spec) {
    if (spec.lines) return spec.lines.map(([column, name], k) => ({ name, values: data.population[column], k: k === 0 ? 0 : 1, on: true }));
    return messengers.map((name, k) => ({ name, values: data.series[spec.column][k], k, on: shown.has(k) }));
}

function timeAxis(more = {}) {
    return {
        type: "time", min: range.from, max: range.to, axisLine: { lineStyle: { color: colour("soft") } }, axisTick: { lineStyle: { color: colour("soft") } },
        axisLabel: { color: colour("soft"), hideOverlap: true, formatter: { year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}" } }, splitLine: { show: false }, ...more,
    };
}
function valueAxis(unit, more = {}) {
    return {
        type: "value", axisLabel: { color: colour("soft"), formatter: (v) => UNITS[unit](v) }, splitLine: { lineStyle: { color: colour("line") } },
        splitNumber: 4, ...more,
    };
}
function base() {
    return {
        animation: false, useUTC: true, textStyle: { fontFamily: "system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif" },
        aria: { enabled: false },
    };
}
function tooltip(make) {
    return { confine: true, backgroundColor: colour("ground"), borderColor: colour("line"), textStyle: { color: colour("ink"), fontSize: 13 }, transitionDuration: 0, extraCssText: "box-shadow: 0 1px 6px rgb(0 0 0 / 25%);", formatter: make };
}

/** The day kept that is nearest to a time. */
function nearest(ms) {
    let [low, high] = [0, days.length - 1];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (days[middle] < ms) low = middle + 1; else high = middle;
    }
    return low > 0 && ms - days[low - 1] < days[low] - ms ? low - 1 : low;
}
function reading(spec, day) {
    const rows = lines(spec).filter((l) => l.on && l.values[day] != null);
    return rows.sort((a, b) => b.values[day] - a.values[day]);
}
function tip(spec, day, width) {
    const rows = reading(spec, day).map((l) => element("tr", {}, element("td", {}, swatch(l.k)), element("td", {}, l.name), element("td", { class: "number" }, UNITS[spec.unit](l.values[day]))));
    const near = 6 * (range.to - range.from) / Math.max(width, 1);
    const beginning = marksShown ? done.filter((i) => i.at > days[0] && Math.abs(i.at - days[day]) <= near) : [];
    return element("div", { class: "tip" }, element("strong", {}, words(days[day])), element("table", {}, element("tbody", {}, ...rows)),
        ...beginning.slice(0, 6).map((i) => element("div", {}, `${i.number}  ${i.label}, ${words(i.from)}`)));
}

/** Pixels above a plot, for the numbers of interventions. */
const TOP = 40;

/** Moves the names at the ends of lines apart, in the order of the lines. */
function spread(spec, chart) {
    const day = nearest(range.to);
    const all = lines(spec);
    const ends = all.map((l, series) => ({ series, y: l.on && l.values[day] != null ? chart.convertToPixel({ yAxisIndex: 0 }, l.values[day]) : null })).filter((e) => e.y != null).sort((a, b) => a.y - b.y || a.series - b.series);
    const [apart, bottom] = [15, chart.getHeight() - 10];
    const places = ends.map((e) => e.y);
    for (let k = 1; k < places.length; k++) places[k] = Math.max(places[k], places[k - 1] + apart);
    for (let k = places.length - 1, limit = bottom; k >= 0; k--, limit -= apart) places[k] = Math.min(places[k], limit);
    const shifts = new Map(ends.map((e, k) => [e.series, places[k] - e.y]));
    chart.setOption({ series: all.map((_, series) => ({ endLabel: { offset: [0, shifts.get(series) || 0] } })) });
}

function timeOption(spec, width) {
    const all = lines(spec);
    const narrow = width < NARROW;
    const longest = Math.max(...all.map((l) => l.name.length));
    const right = narrow ? 14 : Math.min(170, 22 + 7 * longest);
    const inner = width - 62 - right;
    const gap = 26;
    const marks = marksShown ? flags(inner, gap) : [];
    return {
        ...base(),
        grid: { left: 62, right, top: TOP, bottom: 28 },
        xAxis: timeAxis({ splitNumber: Math.max(2, Math.floor(inner / 90)) }),
        yAxis: valueAxis(spec.unit, spec.free ? { min: (v) => Math.floor(10 * v.min) / 10, max: (v) => Math.ceil(10 * v.max) / 10 } : { min: 0 }),
        legend: { show: false, selected: Object.fromEntries(all.map((l) => [l.name, l.on])) },
        toolbox: { right: -99, top: -99, feature: { dataZoom: { yAxisIndex: "none" } } },
        dataZoom: [{ type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseMove: false, moveOnMouseWheel: false, preventDefaultMouseMove: false }],
        tooltip: { ...tooltip((points) => tip(spec, nearest([].concat(points)[0].axisValue), inner)), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("soft") }, label: { show: false } } },
        series: [
            ...all.map((l) => {
                const { color, dash } = look(l.k);
                return {
                    type: "line", name: l.name, showSymbol: false, symbol: "circle", symbolSize: 7, color, lineStyle: { type: dash, width: 2, color },
                    data: l.values.map((value, day) => [days[day], value]).filter(([ms]) => ms >= range.from && ms <= range.to),
                    endLabel: { show: !narrow, formatter: () => l.name, color, distance: 6, width: right - 12, overflow: "truncate" },
                    emphasis: { disabled: true },
                };
            }),
            {
                type: "line", name: " marks", data: [], silent: true, tooltip: { show: false },
                markLine: {
                    symbol: "none", silent: true, animation: false, lineStyle: { color: colour("soft"), type: [2, 3], width: 1, opacity: 0.7 },
                    label: { position: "end", color: colour("ink"), fontSize: 11, distance: 4 },
                    data: marks.map(([at, label], k) => ({ xAxis: at, label: { formatter: () => label, offset: [0, k % 2 ? -14 : 0] } })),
                },
            },
        ],
    };
}

// ---- figures: a caption, a chart that takes the keyboard, its numbers as a table ----

const figures = [];
/** Width of a chart, in pixels, below which its lines are named in a key. */
const NARROW = 520;
/** `spec`: id, title, text, height(width), option(width), numbers() -> [head, rows]; key(event, chart) for the keyboard. */
function figure(spec, into) {
    const chartBox = element("div", { class: "chart", id: spec.id, tabindex: "0", role: "application", "aria-roledescription": "chart", "aria-label": `${spec.title}. ${spec.text} ${spec.keys || ""}` });
    const numbers = element("details", {}, element("summary", {}, "Numbers", element("span", { class: "unseen" }, ` of ${spec.title}`)));
    numbers.addEventListener("toggle", () => {
        if (!numbers.open) return;
        const [caption, head, rows] = spec.numbers();
        numbers.querySelector(".scroll")?.remove();
        numbers.append(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of ${spec.title}` }, table(caption, head, rows)));
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
function say(text) { document.getElementById("live").textContent = text; }

/** Days worth a row in a table: first days of months, and the last. */
function rowDays() {
    return days.flatMap((ms, day) => (ms >= range.from && ms <= range.to && (day === 0 || day === days.length - 1 || iso(ms).slice(0, 7) !== iso(days[day - 1]).slice(0, 7)) ? [day] : []));
}

function timeFigure(spec, into) {
    let cursor = null;
    const show = (chart, day) => {
        cursor = Math.max(nearest(range.from), Math.min(nearest(range.to), day));
        const x = chart.convertToPixel({ xAxisIndex: 0 }, days[cursor]);
        chart.dispatchAction({ type: "showTip", x, y: 60 });
        say(`${words(days[cursor])}: ${reading(spec, cursor).map((l) => `${l.name} ${UNITS[spec.unit](l.values[cursor])}`).join(", ")}`);
    };
    const f = figure({
        ...spec,
        keys: "Arrow keys move the cursor by a day, with Shift by a month; Home and End go to the ends; plus and minus zoom; Escape closes.",
        height: (width) => (spec.tall ? (width < NARROW ? 320 : 440) : width < NARROW ? 260 : 290),
        option: (width) => timeOption(spec, width),
        named: () => lines(spec).filter((l) => l.on).map((l) => [l.k, l.name]),
        ready: (chart) => {
            chart.on("datazoom", (event) => {
                const zoom = event.batch ? event.batch[0] : event;
                const span = range.to - range.from;
                const [from, to] = zoom.startValue != null ? [zoom.startValue, zoom.endValue] : [range.from + span * zoom.start / 100, range.from + span * zoom.end / 100];
                setTimeout(() => setRange(from, to));
            });
            chart.getZr().on("dblclick", () => setRange(days[0], days[days.length - 1]));
        },
        drawn: (chart) => {
            spread(spec, chart);
            chart.dispatchAction({ type: "takeGlobalCursor", key: "dataZoomSelect", dataZoomSelectActive: matchMedia("(hover: hover)").matches });
        },
        numbers: () => {
            const all = lines(spec).filter((l) => l.on);
            return [`First days of months, and the last.`, ["Date", ...all.map((l) => l.name)], rowDays().map((day) => [iso(days[day]), ...all.map((l) => ({ number: l.values[day] == null ? "" : spec.unit === "people" ? count(l.values[day]) : percent(l.values[day]) }))])];
        },
    }, into);
    f.box.addEventListener("keydown", (event) => {
        const at = cursor ?? nearest(range.to);
        const month = Math.max(1, Math.round(30 / data.step));
        const moves = { ArrowLeft: at - (event.shiftKey ? month : 1), ArrowRight: at + (event.shiftKey ? month : 1), Home: nearest(range.from), End: nearest(range.to) };
        if (event.key in moves) show(f.chart, cursor == null && event.key.startsWith("Arrow") ? at : moves[event.key]);
        else if (event.key === "Escape") f.chart.dispatchAction({ type: "hideTip" });
        else if (event.key === "+" || event.key === "=" || event.key === "-") {
            const half = (range.to - range.from) * (event.key === "-" ? 1 : 0.25);
            const middle = days[at];
            setRange(middle - half, middle + half);
        } else return;
        event.preventDefault();
    });
    f.box.addEventListener("blur", () => f.chart?.dispatchAction({ type: "hideTip" }));
}

function setRange(from, to) {
    const [first, last] = [days[0], days[days.length - 1]];
    const week = Math.min(7 * DAY, last - first);
    range.from = Math.max(first, Math.min(Math.round(from / DAY) * DAY, last - week));
    range.to = Math.min(last, Math.max(Math.round(to / DAY) * DAY, range.from + week));
    document.getElementById("from").value = iso(range.from);
    document.getElementById("to").value = iso(range.to);
    redraw();
}

// ---- flows between main apps ----

function flowFigure(into) {
    const { dates, paths } = data.flows;
    if (!dates || dates.length < 2) return;
    const last = dates.length - 1;
    const chosen = new Set([0, last, Math.round(last / 3), Math.round(2 * last / 3)]);
    const NONE = messengers.length;
    const names = [...messengers, "none"];
    const index = (letter) => (letter === "-" ? NONE : letter.charCodeAt(0) - 97);
    const total = Object.values(paths).reduce((a, b) => a + b, 0);
    const moves = () => {
        const columns = [...chosen].sort((a, b) => a - b);
        const links = new Map();
        for (const [path, users] of Object.entries(paths)) {
            for (let c = 0; c + 1 < columns.length; c++) {
                const key = [c, index(path[columns[c]]), index(path[columns[c + 1]])].join(" ");
                links.set(key, (links.get(key) || 0) + users);
            }
        }
        return [columns, [...links].map(([key, users]) => [...key.split(" ").map(Number), users])];
    };
    const boxes = dates.map((date, k) => {
        const box = element("input", { type: "checkbox", checked: chosen.has(k) });
        box.addEventListener("change", () => {
            if (box.checked) chosen.add(k); else if (chosen.size > 2) chosen.delete(k); else box.checked = true;
            draw(f);
        });
        return element("label", {}, box, words(date));
    });
    const f = figure({
        id: "flows", title: "Who left what for what", text: `Main app of ${count(total)} users whose path was followed, on the days chosen. A band is those who had the one app on the one day and the other on the next; its width is their number.`,
        keys: "The numbers are in the table below.",
        controls: [element("fieldset", { class: "choices screen" }, element("legend", {}, "Days"), ...boxes)],
        height: (width) => (width < NARROW ? 380 : 460),
        option: (width) => {
            const [columns, links] = moves();
            const used = new Set(links.flatMap(([c, from, to]) => [`${c}|${from}`, `${c + 1}|${to}`]));
            const side = width < NARROW ? 92 : 120;
            const inner = width - 2 * side;
            const shade = (m) => (m === NONE ? colour("soft") : look(m).color);
            return {
                ...base(),
                title: columns.map((d, c) => ({ text: width < NARROW ? dates[d].slice(2) : words(dates[d]), textAlign: "center", left: side + 8 + (inner - 16) * c / (columns.length - 1), top: 0, textStyle: { fontSize: width < NARROW ? 11 : 12, fontWeight: 600, color: colour("ink") } })),
                tooltip: tooltip((p) => element("div", { class: "tip" }, p.dataType === "edge"
                    ? `${p.data.text}: ${count(p.data.value)} users, ${percent(p.data.value / total)}`
                    : `${p.data.text}: ${count(p.value)} users, ${percent(p.value / total)}`)),
                series: [{
                    type: "sankey", left: side, right: side, top: 28, bottom: 8, nodeWidth: 14, nodeGap: 14, layoutIterations: 0, draggable: false, emphasis: { focus: "adjacency" },
                    data: [...columns.keys()].flatMap((c) => names.map((name, m) => [c, name, m])).filter(([c, , m]) => used.has(`${c}|${m}`)).map(([c, name, m]) => ({
                        name: `${c}|${m}`, depth: c, text: `${words(dates[columns[c]])}, ${name}`, itemStyle: { color: shade(m), borderWidth: 0 },
                        label: { show: c === 0 || c === columns.length - 1, position: c === 0 ? "left" : "right", formatter: () => name, color: shade(m), width: side - 14, overflow: "truncate" },
                    })),
                    links: links.map(([c, from, to, users]) => ({ source: `${c}|${from}`, target: `${c + 1}|${to}`, value: users, text: `${names[from]} → ${names[to]}, ${words(dates[columns[c]])} to ${words(dates[columns[c + 1]])}`, lineStyle: { color: shade(from), opacity: from === to ? 0.22 : 0.5, curveness: 0.5 } })),
                    labelLayout: { hideOverlap: true },
                }],
            };
        },
        numbers: () => {
            const [columns, links] = moves();
            const rows = links.filter(([, from, to]) => from !== to).sort((a, b) => a[0] - b[0] || b[3] - a[3]);
            return [`Users who changed, of ${count(total)}.`, ["From", "To", "Left", "For", "Users", "Share"], rows.map(([c, from, to, users]) => [iso(time(dates[columns[c]])), dates[columns[c + 1]], names[from], names[to], { number: count(users) }, { number: percent(users / total) }])];
        },
    }, into);
}

// ---- regions and ages ----

function cohortFigures(into) {
    const { region, age, dates } = data.cohorts;
    const times = dates.map(time);
    if (region && region.names.length > 1) {
        let at = dates.length - 1;
        const slider = element("input", { type: "range", min: 0, max: dates.length - 1, value: at, "aria-label": "Day of the chart by region" });
        const output = element("output", {}, words(dates[at]));
        slider.addEventListener("input", () => {
            at = Number(slider.value);
            output.textContent = words(dates[at]);
            slider.setAttribute("aria-valuetext", words(dates[at]));
            draw(f);
        });
        const on = () => messengers.map((name, k) => [name, k]).filter(([, k]) => shown.has(k));
        const f = figure({
            id: "regions", key: "always", named: () => on().map(([name, k]) => [k, name]), title: "By region", text: "Share of a region's people who opened it in the 30 days before the day chosen.",
            keys: "Choose the day with the slider above; the numbers are in the table below.",
            controls: [element("label", {}, "Day", slider, output)],
            height: (width) => 60 + region.names.length * Math.max(34, 14 + 8 * on().length),
            option: (width) => ({
                ...base(),
                grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
                xAxis: valueAxis("share", { min: 0, max: 1, interval: width < NARROW ? 0.5 : 0.2 }),
                yAxis: { type: "category", inverse: true, data: region.names, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("soft") } }, axisLabel: { color: colour("ink"), width: width < NARROW ? 110 : 160, overflow: "truncate" } },
                tooltip: { ...tooltip((points) => element("div", { class: "tip" }, element("strong", {}, `${points[0].axisValue}, ${words(dates[at])}`), element("table", {}, element("tbody", {}, ...points.map((p) => element("tr", {}, element("td", {}, swatch(messengers.indexOf(p.seriesName))), element("td", {}, p.seriesName), element("td", { class: "number" }, said(p.value, "share")))))))), trigger: "axis", axisPointer: { type: "shadow" } },
                series: on().map(([name, k]) => ({ type: "bar", name, barGap: "10%", barCategoryGap: "22%", itemStyle: { color: look(k).color, decal: k % 2 ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 * (k % 4), color: colour("ground") } : null }, data: region.names.map((_, r) => region.reach[r][k][at]) })),
            }),
            numbers: () => [`Monthly reach, ${words(dates[at])}.`, ["Region", ...on().map(([name]) => name)], region.names.map((name, r) => [name, ...on().map(([, k]) => ({ number: said(region.reach[r][k][at], "share") }))])],
        }, into);
    }
    if (age && age.names.length > 1) {
        const columns = (width) => Math.min(age.names.length, Math.max(1, Math.floor(width / 250)));
        const spec = { unit: "share" };
        figure({
            id: "ages", key: "always", named: () => messengers.map((name, k) => [k, name]).filter(([k]) => shown.has(k)), title: "By age", text: "Share of an age band's people who opened it in the last 30 days.", keys: "The numbers are in the table below.",
            height: (width) => Math.ceil(age.names.length / columns(width)) * 190,
            option: (width) => {
                const n = columns(width);
                const cell = width / n;
                const place = (k) => ({ left: (k % n) * cell + 44, top: Math.floor(k / n) * 190 + 28, width: cell - 60, height: 128 });
                return {
                    ...base(),
                    title: age.names.map((name, k) => ({ text: name, left: place(k).left, top: place(k).top - 26, textStyle: { fontSize: 13, fontWeight: 600, color: colour("ink") } })),
                    grid: age.names.map((_, k) => place(k)),
                    xAxis: age.names.map((_, k) => timeAxis({ gridIndex: k, splitNumber: 2, axisLabel: { color: colour("soft"), hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: { year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}" } } })),
                    yAxis: age.names.map((_, k) => valueAxis("share", { gridIndex: k, min: 0, max: 1, interval: 0.5 })),
                    tooltip: { ...tooltip((points) => element("div", { class: "tip" }, element("strong", {}, `${age.names[points[0].axisIndex]}, ${words(points[0].axisValue)}`), element("table", {}, element("tbody", {}, ...points.slice().sort((a, b) => b.value[1] - a.value[1]).map((p) => element("tr", {}, element("td", {}, swatch(messengers.indexOf(p.seriesName))), element("td", {}, p.seriesName), element("td", { class: "number" }, said(p.value[1], spec.unit)))))))), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("soft") } } },
                    series: age.names.flatMap((_, a) => messengers.map((name, k) => [name, k]).filter(([, k]) => shown.has(k)).map(([name, k]) => ({
                        type: "line", name, xAxisIndex: a, yAxisIndex: a, showSymbol: false, color: look(k).color, lineStyle: { width: 1.8, type: look(k).dash, color: look(k).color }, emphasis: { disabled: true },
                        data: age.reach[a][k].map((value, d) => [times[d], value]).filter(([ms]) => ms >= range.from && ms <= range.to),
                    }))),
                };
            },
            numbers: () => {
                const on = messengers.map((name, k) => [name, k]).filter(([, k]) => shown.has(k));
                const rows = [0, Math.floor(dates.length / 2), dates.length - 1].flatMap((d) => age.names.map((name, a) => [dates[d], name, ...on.map(([, k]) => ({ number: said(age.reach[a][k][d], "share") }))]));
                return ["First, middle and last day.", ["Date", "Age", ...on.map(([name]) => name)], rows];
            },
        }, into);
    }
}

// ---- words and tables ----

const m = data.manifest;
const s = data.scenario;
const by = (id) => document.getElementById(id);
const GRAPHS = { layered: "a layered graph of households, work and school, neighbourhood and country", file: "a graph from a file" };

function introduction() {
    by("title").textContent = data.title;
    if (m.status !== "finished") {
        by("state").hidden = false;
        by("state").textContent = days.length
            ? `The run is ${m.status === "stopped" ? "stopped" : "not finished"}: this page shows the days up to ${words(days[days.length - 1])}; the scenario ends on ${words(s.end)}.`
            : `The run has no day yet; the scenario begins on ${words(s.start)}.`;
    }
    const kinds = new Map();
    for (const i of done) kinds.set(i.kind, (kinds.get(i.kind) || 0) + 1);
    const policy = done.length ? `${plural(done.length, "intervention")} (${list([...kinds].map(([kind, n]) => `${n} ${kind}`))})` : "no intervention";
    by("words").textContent = `${count(m.people)} people, for whom ${count(m.users)} simulated users stand (${(m.people / m.users).toLocaleString("en-US", { maximumFractionDigits: 1 })} people each), ` +
        `in ${plural(s.regions.length, "region")} and ${plural(s.ages.length, "age band")}, joined by ${count(m.ties)} ties (${GRAPHS[s.graph] || "a graph of kind " + s.graph}), choose among ` +
        `${plural(messengers.length, "messenger")}: ${list(messengers)}. From ${words(s.start)} to ${words(s.end)}, one step a day, under ${policy}; they decide by the rule “${s.rule}”.`;
    by("how").textContent = "Point at a chart to read it, or focus it and use the arrow keys. Drag over a chart, or pinch, to zoom; a double click shows everything again. " +
        "Numbers above the charts are interventions, named under the first chart; 3–5 stands for three that are close together. The dates, and which messengers are shown, hold for all charts." +
        (data.step > 1 ? ` To keep this file small, curves show every ${data.step} days.` : "");
}

function controls() {
    const boxes = messengers.map((name, k) => {
        const box = element("input", { type: "checkbox", checked: true });
        box.addEventListener("change", () => { if (box.checked) shown.add(k); else shown.delete(k); redraw(); });
        return element("label", {}, box, swatch(k), name);
    });
    const date = (id, text, apply) => {
        const input = element("input", { type: "date", id, min: data.dates[0], max: data.dates[days.length - 1], value: id === "from" ? data.dates[0] : data.dates[days.length - 1] });
        input.addEventListener("change", () => { const ms = time(input.value); if (!Number.isNaN(ms)) apply(ms); });
        return element("label", {}, text, input);
    };
    const all = element("button", { type: "button", id: "all" }, "All dates");
    all.addEventListener("click", () => setRange(days[0], days[days.length - 1]));
    const marks = element("input", { type: "checkbox", checked: true, id: "marks" });
    marks.addEventListener("change", () => { marksShown = marks.checked; redraw(); });
    by("controls").append(
        element("fieldset", {}, element("legend", {}, "Messengers"), ...boxes),
        element("fieldset", {}, element("legend", {}, "Dates"), date("from", "from", (ms) => setRange(ms, range.to)), date("to", "to", (ms) => setRange(range.from, ms)), all),
        ...(done.length ? [element("label", {}, marks, "interventions")] : []),
    );
}

function summary() {
    const last = days.length - 1;
    const rows = messengers.map((name, k) => {
        const monthly = data.series.monthly_reach[k];
        const top = monthly.reduce((best, value, day) => (value > monthly[best] ? day : best), 0);
        const n = (value) => ({ number: value });
        return [name, n(people(monthly[0])), n(people(monthly[last])), n((monthly[last] >= monthly[0] ? "+" : "−") + people(Math.abs(monthly[last] - monthly[0]))), n(`${people(monthly[top])}, ${words(days[top])}`), n(people(data.series.daily_reach[k][last])), n(said(data.series.main_share[k][last], "share")), n(m.monthly_reach_error[name] == null ? "" : "±" + people(m.monthly_reach_error[name]))];
    });
    by("summary").before(element("p", { class: "note" }, `Monthly reach, people, ${words(days[0])} and ${words(days[last])}; M is a million, k a thousand. The error is the panel's standard error of monthly reach at the end; it says nothing of the model's.`));
    by("summary").append(table(null, ["Messenger", "start", "end", "change", "highest", "daily reach, end", "main app, end", "error"], rows));
}

function doneTable() {
    if (!done.length) { by("done-note").textContent = "Nothing: no intervention."; return; }
    by("done-note").textContent = "Interventions in the order of their dates, with the numbers they have above the charts. A ramp is the days over which the effect grows.";
    const [first, last] = [time(s.start), time(s.end)];
    const where = (ms) => Math.max(0, Math.min(100, 100 * (ms - first) / Math.max(1, last - first)));
    const head = ["No.", "From", "Until", "Name", "Kind", "On what", "During the run", "Source"];
    const rows = done.map((i) => {
        const on = [list(i.messengers) || (i.kind === "shutdown" ? "all messengers" : ""), i.except.length ? `but for ${list(i.except)}` : "", i.services.length ? `${list(i.services)}` : "", i.regions.length ? `in ${list(i.regions)}` : "", i.groups.length ? `for ${list(i.groups)}` : "",
            i.severity != null ? `severity ${i.severity}` : "", i.ramp_days ? `ramp of ${plural(i.ramp_days, "day")}` : ""].filter(Boolean).join("; ");
        const bar = element("i");
        bar.style.left = where(i.at) + "%";
        bar.style.right = 100 - where(i.until ? time(i.until) : last) + "%";
        return [{ number: String(i.number) }, i.from, i.until || "", i.label, i.kind, on, element("span", { class: "span", "aria-hidden": "true" }, bar), i.source];
    });
    const made = table(null, head, rows);
    for (const row of made.rows) for (const k of [1, 2]) row.cells[k].classList.add("date");
    for (const row of made.rows) for (const k of [2, 4, 6]) row.cells[k].classList.add("wide");
    by("done").append(made);
}

function runTable() {
    const rows = [
        ["Scenario", `${s.name}, hash ${m.scenario_hash}`], ["Seed", m.seed], ["Users", `${count(m.users)} for ${count(m.people)} people`],
        ["Panels", m.status === "finished" ? `${count(m.audience_panel)} users for reach and use, ${count(m.tie_panel)} for ties` : ""],
        ["Started, finished", `${m.started}, ${m.finished || "not yet"} (UTC)`], ["Wall time", m.status === "finished" ? `${m.seconds.toFixed(1)} s with ${plural(m.threads, "thread")}` : ""],
        ["Memory", m.peak_rss_bytes ? `${(m.peak_rss_bytes / 1e9).toFixed(2)} GB at most` : ""], ["Processor", m.cpu],
        ["Program", `exodus ${m.exodus_version}, commit ${m.git_commit}, ${m.rustc}, ${m.target}`], ["Final state", m.state_hash],
        ["Fork of", m.parent ? `a snapshot of ${words(m.parent)}` : ""],
    ];
    by("run").append(table(null, null, rows.filter(([, value]) => value)));
}

function again() {
    by("again-note").textContent = m.parent
        ? "The run goes on from a snapshot; from its beginning under the same scenario it would be another. The snapshot and this folder's scenario.toml give it again:"
        : `The folder of this page holds the scenario with every default written out. In it, with the same version of exodus, this gives the same bits${m.state_hash ? `: the final state ${m.state_hash}` : ""}, with any number of threads, on any machine:`;
    by("again").textContent = m.parent ? "exodus fork SNAPSHOT.exo --scenario scenario.toml" : "exodus run scenario.toml";
    const c = data.citation;
    by("cite").textContent = `${c.authors}: ${c.title}. Version ${m.exodus_version}${m.git_commit && m.git_commit !== "unknown" ? `, commit ${m.git_commit.slice(0, 10)}` : ""}. Scenario ${s.name}, hash ${m.scenario_hash}, seed ${m.seed}.`;
}

introduction();
runTable();
doneTable();
again();
if (days.length) {
    controls();
    summary();
    const charts = by("charts");
    timeFigure(TIMES[0], charts);
    const marked = done.filter((i) => i.at > days[0] && i.at <= days[days.length - 1]);
    charts.append(element("ul", { class: "names", "aria-label": "Interventions" }, ...marked.map((i) => element("li", {}, element("strong", {}, String(i.number)), ` ${i.label}, ${words(i.from)}`))));
    const pair = element("div", { class: "pair" });
    TIMES.slice(1).forEach((spec) => timeFigure(spec, pair));
    charts.append(pair);
    flowFigure(charts);
    cohortFigures(charts);
    redraw();
    let width = document.body.clientWidth;
    addEventListener("resize", () => { if (!paper && document.body.clientWidth !== width) { width = document.body.clientWidth; redraw(); } });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    // Paper is light and narrower than a window.
    const print = (on) => {
        if (paper === on) return;
        paper = on;
        document.documentElement.classList.toggle("paper", on);
        document.body.style.width = on ? "680px" : "";
        redraw();
    };
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
    matchMedia("print").addEventListener("change", (event) => print(event.matches));
}
document.documentElement.dataset.ready = "yes";
})();
