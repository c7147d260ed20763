/* Interventions, numbered in order of time. */

let done = [];
function numberInterventions() { done = (view.interventions || []).map((i, k) => ({ ...i, number: k + 1, at: time(i.from) })); }

/** Those that an axis of days marks: not those whose days are varied. */
function marked(along) { return along.marked && marksShown ? done.filter((i) => !data.varied?.includes(i.label)) : []; }

/** Those that begin within an axis's range, those closer than `gap` pixels together: [time, label, interventions]. */
function flags(along, width, gap) {
    const { from, to } = along.range;
    const near = gap * (to - from) / Math.max(width, 1);
    const groups = [];
    for (const i of marked(along).filter((i) => i.at >= from && i.at <= to && i.at > along.places[0])) {
        const last = groups[groups.length - 1];
        if (last && i.at - last.at < near) last.members.push(i);
        else groups.push({ at: i.at, members: [i] });
    }
    return groups.map(({ at, members }) => [at, members.length > 1 ? `${members[0].number}–${members[members.length - 1].number}` : `${members[0].number}`, members]);
}

/** From when to when one is in force, in words. */
function span(i) { return words(i.from) + (i.until ? ` to ${words(i.until)}` : ""); }

/** Marks of interventions, dotted where they end, and a shade over what is a forecast; numerals and the word where there is room for them. */
function marksSeries(along, width, named, more = {}) {
    const { from, to } = along.range;
    const last = along.marked ? lastPublished() : null;
    const ends = [...new Set(marked(along).filter((i) => i.until).map((i) => time(i.until)))].filter((ms) => ms > from && ms < to);
    const area = { silent: true, itemStyle: { color: colour("soft"), opacity: 0.1 }, label: { show: named, position: ["100%", -3], align: "right", verticalAlign: "bottom", color: colour("soft"), fontSize: 11 } };
    return {
        type: "line", name: " marks", data: [], silent: true, tooltip: { show: false }, ...more,
        ...(last != null && last < to ? { markArea: { ...area, data: [[{ name: "forecast", xAxis: Math.max(last, from) }, { xAxis: to }]] } } : {}),
        markLine: {
            symbol: "none", silent: true, animation: false, lineStyle: { color: colour("soft"), type: "solid", width: 1, opacity: named ? 0.4 : 0.25 },
            label: { show: named, position: "end", color: colour("ink"), opacity: 1, fontSize: 11, distance: 4 },
            data: [
                ...flags(along, width, named ? 26 : 1).map(([at, label], k) => ({ xAxis: at, label: { formatter: () => label, offset: [0, k % 2 ? -14 : 0] } })),
                ...ends.map((at) => ({ xAxis: at, lineStyle: { type: [1, 3], opacity: named ? 0.9 : 0.5 }, label: { show: false } })),
            ],
        },
    };
}

/* Lines over days, or over the levels of a factor. */

const TIMES = [
    { id: "monthly", title: "Monthly reach", text: "People who opened it in the last 30 days, whether or not it worked.", column: "monthly_reach", unit: "people", tall: true },
    { id: "daily", title: "Daily reach", text: "People who opened it that day, whether or not it worked.", column: "daily_reach", unit: "people" },
    { id: "main", title: "Main app", text: "Share of people who use it most.", column: "main_share", unit: "share" },
    { id: "traffic", title: "Share of traffic", text: "Its share of all use of messengers.", column: "traffic_share", unit: "share" },
    { id: "holders", title: "Installed", text: "People who have it on their phone.", column: "holders", unit: "people" },
    { id: "vpn", title: "People with a VPN", text: "Share of people.", columns: [["vpn_share", "with a VPN"]], unit: "share" },
    { id: "starts", title: "VPN starts and stops", text: "People who got a VPN, or gave theirs up, that day.", columns: [["vpn_starts", "starts"], ["vpn_stops", "stops"]], unit: "people" },
    { id: "ties", title: "Ties that can still talk", text: "Share of ties with an app that both ends hold and that works for both.", columns: [["connected_ties", "as it is"], ["connected_ties_without_vpn", "if nobody had a VPN"]], unit: "share", free: true },
    { id: "kinds", title: "Surveilled and encrypted traffic", text: "Share of use that the state can read, and share that is end-to-end encrypted.", columns: [["surveilled_traffic", "surveilled"], ["encrypted_traffic", "encrypted"]], unit: "share" },
];

/** Lines of a chart over days: name, values, bands, published figures, number of their look, whether shown. */
function dailyLines(spec) {
    if (spec.columns) return spec.columns.map(([column, name], k) => ({ name, k, on: true, points: [], ...view.curves.population[column] })).filter((l) => l.values);
    const published = (name) => (view.targets || []).filter((t) => t.messenger === name && t.column === spec.column).map((t) => ({ ...t, at: time(t.date) }));
    return messengers.map((name, k) => ({ name, k, on: shown.has(k), points: published(name), ...view.curves.series[spec.column][k] })).filter((l) => l.values);
}

/** The last day of which something was published: what follows is a forecast. Null where nothing was. */
function lastPublished() {
    const said = view.forecast ?? data.forecast;
    if (said) return time(said);
    const all = (view.targets || []).map((t) => time(t.date));
    return all.length ? Math.max(...all) : null;
}

/** Pixels above a plot, for the numbers of interventions. */
const TOP = 40;

/** The days as the horizontal axis of lines. */
const DAYS = {
    head: "Date", zooms: true, marked: true, range, top: TOP, bottom: 28,
    get places() { return days; },
    get page() { return Math.max(1, Math.round(30 / view.step)); },
    axis: (inner) => timeAxis(inner, range),
    said: (ms) => words(ms), cell: (ms) => iso(ms),
    /** Days worth a row in a table: first days of months, and the last. */
    rows: () => days.flatMap((ms, day) => (ms >= range.from && ms <= range.to && (day === 0 || day === days.length - 1 || iso(ms).slice(0, 7) !== iso(days[day - 1]).slice(0, 7)) ? [day] : [])),
    caption: "First days of months, and the last.",
};

/** Levels of a factor as the horizontal axis: numbers where they are, others side by side. */
function levelsAlong(name, levels, log = false) {
    const numbers = levels.every((level) => level.trim() !== "" && Number.isFinite(Number(level)));
    const places = numbers ? levels.map(Number) : levels.map((_, k) => k);
    const level = (x) => levels[places.indexOf(x)] ?? "";
    const ends = { from: places[0], to: places[places.length - 1] };
    // Few levels have a tick each.
    const ticks = places.length <= 9 ? { customValues: places } : {};
    return {
        head: name, zooms: false, range: ends, places, page: 1, top: 14, bottom: 46,
        axis: () => ({
            type: log ? "log" : "value", min: ends.from, max: ends.to, name, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: colour("ink") },
            axisLine: { lineStyle: { color: colour("soft") }, onZero: false }, axisTick: { ...ticks, lineStyle: { color: colour("soft") } }, splitLine: { show: false },
            axisLabel: { ...ticks, color: colour("soft"), hideOverlap: true, formatter: (x) => (numbers ? number(x) : level(x)) },
        }),
        said: (x) => `${name} ${level(x)}`, cell: level, rows: () => [...places.keys()], caption: null,
    };
}

/** A few days as the horizontal axis of lines; `marked` where what happens on them is marked. */
function datesAlong(dates, marked = false) {
    const places = dates.map(time);
    const ends = { from: places[0], to: places[places.length - 1] };
    return {
        head: "Date", zooms: false, marked, range: ends, places, page: 1, top: marked && done.length ? TOP : 14, bottom: 28,
        axis: (inner) => timeAxis(inner, ends),
        said: (ms) => words(ms), cell: (ms) => iso(ms), rows: () => [...places.keys()], caption: null,
    };
}

/** The place that is nearest to `x`. */
function nearest(places, x) {
    let [low, high] = [0, places.length - 1];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (places[middle] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - places[low - 1] < places[low] - x ? low - 1 : low;
}
function reading(spec, at) {
    return spec.lines().filter((l) => l.on && l.values[at] != null).sort((a, b) => b.values[at] - a.values[at]);
}
/** The band that is told beside a value: the narrowest, unless a line says another. */
function toldBand(l) { return l.bands?.[l.told ?? l.bands.length - 1]; }
/** A value with a band. */
function withBand(l, at, unit) {
    const band = toldBand(l);
    const value = UNITS[unit](l.values[at]);
    return band && band[0][at] != null ? `${value} [${UNITS[unit](band[0][at])} to ${UNITS[unit](band[1][at])}]` : value;
}
function lineTip(spec, at, width) {
    const { places, range } = spec.along;
    const rows = reading(spec, at).map((l) => [l.k, l.name, withBand(l, at, spec.unit)]);
    const near = 6 * (range.to - range.from) / Math.max(width, 1);
    const published = spec.lines().filter((l) => l.on).flatMap((l) => l.points.filter((p) => Math.abs(p.at - places[at]) <= Math.max(near, DAY)).map((p) => [l.k, `${l.name}, ${p.measured ? "published" : "interpolated"}`, UNITS[spec.unit](p.people)]));
    const beginning = marked(spec.along).filter((i) => i.at > places[0] && Math.abs(i.at - places[at]) <= near);
    const tip = tipTable(spec.along.said(places[at]), [...rows, ...published]);
    tip.append(...beginning.slice(0, 6).map((i) => element("div", {}, `${i.number}  ${i.label}, ${span(i)}`)));
    return tip;
}

/** Moves the names at the ends of lines apart, in the order of the lines, and clear of the axis. */
function spread(spec, chart) {
    const at = nearest(spec.along.places, spec.along.range.to);
    const all = spec.lines();
    const ends = all.map((l, series) => ({ series, y: l.on && !l.plain && l.values[at] != null ? chart.convertToPixel({ yAxisIndex: 0 }, l.values[at]) : null })).filter((e) => e.y != null).sort((a, b) => a.y - b.y || a.series - b.series);
    const [apart, bottom] = [15, chart.getHeight() - spec.along.bottom - 8];
    const places = ends.map((e) => e.y);
    for (let k = 1; k < places.length; k++) places[k] = Math.max(places[k], places[k - 1] + apart);
    for (let k = places.length - 1, limit = bottom; k >= 0; k--, limit -= apart) places[k] = Math.min(places[k], limit);
    const shifts = new Map(ends.map((e, k) => [e.series, places[k] - e.y]));
    chart.setOption({ series: all.map((_, series) => ({ endLabel: { offset: [0, shifts.get(series) || 0] } })) });
}

/** A band as a series: one polygon for every stretch without a gap, drawn with the first of its points. */
function bandSeries([low, high], places, within, color, opacity) {
    const pieces = [];
    let piece = [];
    places.forEach((x, at) => {
        if (within(x) && low[at] != null && high[at] != null) piece.push([x, low[at], high[at]]);
        else if (piece.length) { pieces.push(piece); piece = []; }
    });
    if (piece.length) pieces.push(piece);
    return {
        type: "custom", name: " band", silent: true, clip: true, z: 1, tooltip: { show: false },
        data: pieces.flat().flatMap(([x, a, b]) => [[x, a], [x, b]]),
        renderItem: (params, api) => (params.dataIndex > 0 ? null : {
            type: "group",
            children: pieces.map((piece) => ({
                type: "polygon", shape: { points: [...piece.map(([x, , b]) => api.coord([x, b])), ...piece.slice().reverse().map(([x, a]) => api.coord([x, a]))] },
                style: { fill: color, opacity },
            })),
        }),
    };
}

/** Values up to the last that there is: where none follows, a line ends. */
function known(values) { return values.slice(0, values.findLastIndex((value) => value != null) + 1); }
/** Whether a line ends before the others, where its name would stand amid them: a key has the names then. */
function endsEarly(spec) { return !spec.along.zooms && spec.lines().some((l) => l.values.length && l.values[l.values.length - 1] == null); }
function lineOption(spec, width) {
    const { places, range } = spec.along;
    const all = spec.lines();
    const narrow = width < NARROW;
    const longest = Math.max(...all.filter((l) => !l.plain).map((l) => l.name.length));
    const right = narrow || endsEarly(spec) ? 14 : Math.min(170, 22 + 7 * longest);
    const left = CHANGE.people === spec.unit ? 74 : 62;
    const inner = width - left - right;
    const within = (x) => x >= range.from && x <= range.to;
    // An interval may reach beyond 100 %; the axis of shares does not.
    const tenths = { min: (v) => Math.floor(10 * v.min) / 10, max: (v) => Math.min(Math.ceil(10 * v.max) / 10, spec.unit === "share" ? 1 : Infinity) };
    // Shares end at 100 %; all are zero where nothing is there.
    const top = all.filter((l) => l.on).flatMap((l) => [l.values, ...(l.bands || []).map((band) => band[1])]).flat().concat(all.flatMap((l) => l.points.map((p) => p.people))).reduce((most, value) => Math.max(most, value ?? 0), 0);
    const fromZero = spec.unit === "share" && (top > 0.75 || top === 0) ? { min: 0, max: 1, interval: 0.25 } : { min: 0 };
    return {
        ...base(),
        grid: { left, right, top: spec.along.top, bottom: spec.along.bottom },
        xAxis: spec.along.axis(inner),
        yAxis: valueAxis(spec.unit, spec.axis || (spec.signed ? {} : spec.free ? tenths : fromZero)),
        legend: { show: false, selected: Object.fromEntries(all.map((l) => [l.name, l.on])) },
        ...(spec.along.zooms ? {
            toolbox: { right: -99, top: -99, feature: { dataZoom: { yAxisIndex: "none" } } },
            dataZoom: [{ type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseMove: false, moveOnMouseWheel: false, preventDefaultMouseMove: false }],
        } : {}),
        tooltip: { ...tooltip((points) => lineTip(spec, nearest(places, [].concat(points)[0].axisValue), inner)), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("soft") }, label: { show: false } } },
        series: [
            ...all.map((l) => {
                const { color, dash } = look(l.k);
                return {
                    type: "line", name: l.name, showSymbol: places.length < 2, symbol: "circle", symbolSize: 7, z: 3, color, lineStyle: { type: l.dash || dash, width: l.width || 2, opacity: l.opacity || 1, color },
                    data: known(l.values).map((value, at) => [places[at], value]).filter(([x]) => within(x)),
                    endLabel: { show: !narrow && !endsEarly(spec) && !l.plain && l.name !== "", formatter: () => l.name, color, distance: 6, width: right - 12, overflow: "truncate" },
                    emphasis: { disabled: true },
                };
            }),
            marksSeries(spec.along, inner, true),
            ...all.filter((l) => l.on && l.bands).flatMap((l) => l.bands.map((band, k) => bandSeries(band, places, within, look(l.k).color, k + 1 < l.bands.length ? 0.13 : 0.25))),
            ...all.filter((l) => l.on && l.points.length).map((l) => ({
                type: "scatter", name: ` published ${l.name}`, silent: true, z: 4, tooltip: { show: false }, symbol: look(l.k).shape, symbolSize: 8,
                data: l.points.filter((p) => within(p.at)).map((p) => ({ value: [p.at, p.people], itemStyle: { color: p.measured ? look(l.k).color : colour("ground"), borderColor: look(l.k).color, borderWidth: 1.5 } })),
            })),
        ],
    };
}

/** A line that is `plain` stands behind another of its colour: it has no name at its end, and may have a dash, width and opacity. */
/** `spec`: id, title, text, unit, along, lines(), and perhaps tall, free (the axis need not begin at zero), signed, axis. */
function lineFigure(spec, into) {
    const { along } = spec;
    let cursor = null;
    const show = (chart, at) => {
        const [from, to] = [along.range.from, along.range.to].map((end) => nearest(along.places, end));
        cursor = Math.max(from, Math.min(to, at));
        chart.dispatchAction({ type: "showTip", x: chart.convertToPixel({ xAxisIndex: 0 }, along.places[cursor]), y: 60 });
        say(`${along.said(along.places[cursor])}: ${reading(spec, cursor).map((l) => `${l.name} ${UNITS[spec.unit](l.values[cursor])}`).join(", ")}`);
    };
    const cell = (value) => ({ number: value == null ? "" : spec.unit === "people" || spec.unit === "change" ? count(value) : UNITS[spec.unit](value) });
    const f = figure({
        ...spec,
        key: endsEarly(spec) ? "always" : spec.key,
        keys: `Arrow keys move the cursor${along.zooms ? " by a day, with Shift by a month" : ""}; Home and End go to the ends;${along.zooms ? " plus and minus zoom;" : ""} Escape closes.`,
        height: (width) => (spec.tall ? (paper || width < NARROW ? 320 : 440) : width < NARROW ? 260 : 290),
        option: (width) => lineOption(spec, width),
        named: () => spec.lines().filter((l) => l.on && !l.plain && l.name).map((l) => [l.k, l.name]),
        ready: (chart) => {
            if (!along.zooms) return;
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
            if (along.zooms) chart.dispatchAction({ type: "takeGlobalCursor", key: "dataZoomSelect", dataZoomSelectActive: matchMedia("(hover: hover)").matches });
        },
        numbers: () => {
            const all = spec.lines().filter((l) => l.on);
            const banded = all.some(toldBand);
            const heads = (name) => (banded ? [name, "from", "to"] : [name]);
            const cells = (l, at) => (banded ? [cell(l.values[at]), ...[0, 1].map((end) => cell(toldBand(l)?.[end][at]))] : [cell(l.values[at])]);
            const tables = [[along.caption, [along.head, ...all.flatMap((l) => heads(l.name || spec.title))], along.rows().map((at) => [along.cell(along.places[at]), ...all.flatMap((l) => cells(l, at))])]];
            const published = all.flatMap((l) => l.points.map((p) => {
                const here = l.values[nearest(along.places, p.at)];
                return [p.date, l.name, cell(p.people), cell(here), cell(here == null ? null : here - p.people), p.measured ? "measured" : "interpolated or assumed"];
            })).sort((a, b) => a[0].localeCompare(b[0]));
            if (published.length) tables.push(["Published figures and the simulated ones of that day.", ["Date", "Messenger", "published", "simulated", "difference", "kind"], published]);
            return tables;
        },
    }, into);
    f.box.addEventListener("keydown", (event) => {
        const at = cursor ?? nearest(along.places, along.range.to);
        const moves = { ArrowLeft: at - (event.shiftKey ? along.page : 1), ArrowRight: at + (event.shiftKey ? along.page : 1), Home: nearest(along.places, along.range.from), End: nearest(along.places, along.range.to) };
        if (event.key in moves) show(f.chart, cursor == null && event.key.startsWith("Arrow") ? at : moves[event.key]);
        else if (event.key === "Escape") f.chart.dispatchAction({ type: "hideTip" });
        else if (along.zooms && ["+", "=", "-"].includes(event.key)) {
            const half = (range.to - range.from) * (event.key === "-" ? 1 : 0.25);
            setRange(days[at] - half, days[at] + half);
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

/** All charts over days: the first alone, then the names of interventions, then the others in pairs. */
function timeFigures(into) {
    const differs = data.kind === "comparison";
    const spec = (one) => ({
        ...one, along: DAYS, lines: () => dailyLines(one), unit: differs ? CHANGE[one.unit] : one.unit, signed: differs,
        title: differs ? `Difference: ${one.title}` : one.title,
        text: one.text + (differs ? ` ${sidesSaid()}.` : "") + (dailyLines(one).some((l) => l.points.length) ? " Symbols are published figures: filled where they were measured, hollow where somebody interpolated or assumed them." : ""),
    });
    const [first, ...others] = TIMES.map(spec).filter((one) => one.lines().length);
    lineFigure(first, into);
    const named = done.filter((i) => i.at > days[0] && i.at <= days[days.length - 1]);
    into.append(element("ul", { class: "names", "aria-label": "Interventions" }, ...named.map((i) => element("li", {}, element("strong", {}, String(i.number)), ` ${i.label}, ${span(i)}`))));
    if (differs) sidesFigure(into);
    const pair = element("div", { class: "pair" });
    others.forEach((one) => lineFigure(one, pair));
    into.append(pair);
}

/** Small multiples of curves over days: `names` of panels, lines(panel) -> [{ name, k, dates, values }]. */
function panelsFigure(spec, into) {
    const columns = (width) => Math.min(spec.names().length, Math.max(1, Math.floor(width / 250)));
    figure({
        ...spec,
        height: (width) => Math.ceil(spec.names().length / columns(width)) * 190,
        option: (width) => {
            const names = spec.names();
            const n = columns(width);
            const cell = width / n;
            const place = (k) => ({ left: (k % n) * cell + 52, top: Math.floor(k / n) * 190 + 28, width: cell - 68, height: 128 });
            return {
                ...base(),
                title: names.map((name, k) => ({ text: name, left: place(k).left, top: place(k).top - 26, textStyle: { fontSize: 13, fontWeight: 600, color: colour("ink"), width: cell - 68, overflow: "truncate" } })),
                grid: names.map((_, k) => place(k)),
                xAxis: names.map((_, k) => timeAxis(cell - 68, range, { gridIndex: k })),
                yAxis: names.map((_, k) => valueAxis(spec.unit, { gridIndex: k, min: 0, splitNumber: 2, ...spec.axis })),
                tooltip: { ...tooltip((points) => tipTable(`${names[points[0].axisIndex]}, ${words(points[0].axisValue)}`, points.slice().sort((a, b) => b.value[1] - a.value[1]).map((p) => [p.value[2], p.seriesName, said(p.value[1], spec.unit)]))), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("soft") } } },
                series: names.flatMap((name, panel) => [marksSeries(DAYS, cell - 68, false, { xAxisIndex: panel, yAxisIndex: panel }), ...spec.lines(panel).map((l) => ({
                    type: "line", name: l.name, xAxisIndex: panel, yAxisIndex: panel, showSymbol: false, color: look(l.k).color, lineStyle: { width: 1.8, type: l.dash || look(l.k).dash, color: look(l.k).color }, emphasis: { disabled: true },
                    data: l.values.map((value, d) => [l.times[d], value, l.k]).filter(([ms]) => ms >= range.from && ms <= range.to),
                }))]),
            };
        },
    }, into);
}

/** Of a comparison: monthly reach on both sides, a panel for each messenger. */
function sidesFigure(into) {
    const both = () => messengers.map((name, k) => [name, k]).filter(([, k]) => shown.has(k) && view.sides[0][k] && view.sides[1][k]);
    panelsFigure({
        id: "sides", title: "Monthly reach on both sides", text: "People who opened it in the last 30 days: the other as a whole line, the reference dashed.", unit: "people",
        names: () => both().map(([name]) => name),
        lines: (panel) => [["reference", 0, [2, 3]], ["other", 1, "solid"]].map(([name, side, dash]) => ({ name, k: both()[panel][1], dash, times: days, values: view.sides[side][both()[panel][1]] })),
        numbers: () => [[DAYS.caption, ["Date", ...both().flatMap(([name]) => [`${name}, reference`, "other"])], DAYS.rows().map((day) => [iso(days[day]), ...both().flatMap(([, k]) => [0, 1].map((side) => ({ number: view.sides[side][k][day] == null ? "" : count(view.sides[side][k][day]) })))])]],
    }, into);
}
