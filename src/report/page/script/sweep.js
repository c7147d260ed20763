/* Sweeps: outputs over factors, and how much they depend on each. */

/** Most lines of a chart that can still be told apart. */
const MOST_LINES = 8;
const INDICES = {
    first_order: "first order", total: "total", mu_star: "μ*", mu: "μ", sigma: "σ", prcc: "partial rank correlation",
};

function sweepFigures(into) {
    const { factors } = data.manifest;
    const pairable = data.grid && factors.length <= 2;
    data.fans.forEach((fan, k) => fanFigure(fan, k, into));
    if (pairable && factors.length === 2 && data.levels.every((levels) => levels.length > 1)) pairs(into, (o, pair) => heatMap(o, pair));
    if (pairable && data.levels[0].length > 1 && (data.levels[1] || [""]).length <= MOST_LINES) pairs(into, (o, pair) => response(o, pair));
    if (!pairable && data.shown.some((one) => one.against.length)) scatterFigure(into);
    sensitivityFigures(into);
    if (data.points.length > 1 && data.shown.some((one) => one.against.length > 1)) parallelFigure(into);
    function pairs(into, make) {
        const pair = element("div", { class: data.shown.length > 1 ? "pair" : "" });
        data.shown.forEach(({ output }) => make(output, pair));
        into.append(pair);
    }
}

/** What follows a column over days: a line and its bands for each messenger, of all runs of all points. */
function fanFigure(fan, k, into) {
    const looks = data.scenario.messengers;
    const lines = fan.lines.map((l) => ({ name: l.messenger, k: Math.max(0, looks.indexOf(l.messenger)), on: true, points: [], values: l.values, bands: l.bands, told: 0 }));
    const plain = fan.people ? "people" : "number";
    lineFigure({
        id: `fan-${k}`, title: fan.name[0].toUpperCase() + fan.name.slice(1), text: `Lines are medians of all ${plural(data.manifest.runs, "run")}; the dark band holds half of them, the light one 90 %.`,
        unit: fan.difference ? CHANGE[plain] : plain, along: datesAlong(fan.dates, true), lines: () => lines, signed: fan.difference, tall: lines.length > 4,
    }, into);
}

/** Of a grid: an output of the point at these levels, or null. */
function outputAt(o, levels) {
    const key = (all) => all.join("\n");
    outputAt.points ??= new Map(data.points.map((p) => [key(p.levels), p]));
    return outputAt.points.get(key(levels))?.outputs[o] ?? null;
}
function replicatesSaid() { return data.manifest.replicates > 1 ? `Mean of ${data.manifest.replicates} replicates` : "One run at each point"; }
/** A level as it is shown: of a number, six digits. */
function levelSaid(level) {
    const x = Number(level);
    return level.length > 8 && Number.isFinite(x) ? String(Number(x.toPrecision(6))) : level;
}

/** Viridis between its colours, `u` from 0 to 1: red, green, blue. */
function viridis(u) {
    const at = Math.max(0, Math.min(1, u)) * (VIRIDIS.length - 1);
    const below = Math.min(VIRIDIS.length - 2, Math.floor(at));
    const [a, b] = [VIRIDIS[below], VIRIDIS[below + 1]].map((hex) => hex.match(/\w\w/g).map((h) => parseInt(h, 16)));
    return a.map((x, k) => x + (at - below) * (b[k] - x));
}
/** Black or white, whichever reads better on a colour. */
function inkOn([r, g, b]) {
    const light = [r, g, b].reduce((sum, c, k) => sum + [0.2126, 0.7152, 0.0722][k] * (c / 255) ** 2.2, 0);
    return light > 0.18 ? "#000000" : "#ffffff";
}

function heatMap(o, into) {
    const { factors, outputs } = data.manifest;
    const [along, up] = data.levels;
    const names = factors.map((f) => f.name);
    mapFigure({
        id: `heat-${o}`, title: outputs[o].name, text: `${replicatesSaid()} at every combination of ${names[0]} (across) and ${names[1]} (upwards).`,
        factors: names, levels: data.levels, cell: (i, j) => outputAt(o, [along[i], up[j]])?.mean ?? null,
    }, into);
}

/** A value for each pair of levels: `cell(i, j)`, the `i`-th across and the `j`-th upwards. */
function mapFigure({ id, title, text, factors, levels: [along, up], cell }, into) {
    const cells = up.flatMap((_, j) => along.map((_, i) => [i, j, cell(i, j)]));
    const known = cells.map(([, , x]) => x).filter((x) => x != null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const scale = (x) => (high > low ? (x - low) / (high - low) : 0.5);
    [along, up] = [along, up].map((levels) => levels.map(levelSaid));
    figure({
        id, title, text,
        height: () => 110 + Math.max(120, up.length * 34),
        option: (width) => {
            const left = Math.min(width * 0.3, 22 + 7 * Math.max(...up.map((l) => l.length)));
            const room = (width - left - 16) / along.length;
            const axis = (name, levels) => ({ type: "category", data: levels, name, nameTextStyle: { color: colour("ink") }, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: colour("soft"), hideOverlap: true }, splitArea: { show: false } });
            return {
                ...base(),
                grid: { left, right: 16, top: 24, bottom: 86 },
                xAxis: { ...axis(factors[0], along), nameLocation: "middle", nameGap: 26 },
                yAxis: { ...axis(factors[1], up), nameLocation: "end", nameTextStyle: { color: colour("ink"), align: "left", padding: [0, 0, 0, -left + 8] }, nameGap: 8 },
                visualMap: { min: low, max: high > low ? high : low + 1, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemWidth: 12, itemHeight: Math.min(220, width * 0.5), precision: 6, text: [number(high), number(low)], textStyle: { color: colour("soft") }, inRange: { color: VIRIDIS } },
                tooltip: { ...tooltip((p) => element("div", { class: "tip" }, `${factors[0]} ${along[p.value[0]]}, ${factors[1]} ${up[p.value[1]]}: ${said(p.value[2], "number")}`)), trigger: "item" },
                series: [{
                    type: "heatmap", emphasis: { itemStyle: { borderColor: colour("ink"), borderWidth: 2 } },
                    data: cells.map(([i, j, x]) => ({ value: [i, j, x ?? "-"], label: { show: room > 46 && x != null, formatter: () => number(x), color: x == null ? colour("ink") : inkOn(viridis(scale(x))), fontSize: 11 } })),
                }],
            };
        },
        numbers: () => [[`Rows: ${factors[1]}; columns: ${factors[0]}.`, [factors[1], ...along], up.map((b, j) => [b, ...along.map((_, i) => ({ number: said(cell(i, j), "number") }))]).reverse()]],
    }, into);
}

function response(o, into) {
    const { factors, outputs, replicates } = data.manifest;
    const others = data.levels[1] || [null];
    const lines = others.map((other, k) => {
        const points = data.levels[0].map((level) => outputAt(o, other == null ? [level] : [level, other]));
        const bands = replicates > 1 && points[0]?.bands.length ? points[0].bands.map((_, b) => [0, 1].map((end) => points.map((p) => p?.bands[b]?.[end] ?? null))) : null;
        return { name: levelSaid(other ?? ""), k, on: true, points: [], values: points.map((p) => p?.mean ?? null), ...(bands ? { bands } : {}) };
    });
    lineFigure({
        id: `response-${o}`, title: outputs[o].name, text: `Against ${factors[0].name}${others.length > 1 ? `, a line for each ${factors[1].name}` : ""}.${replicates > 1 ? ` Means of ${replicates} replicates; the dark band is their 95 % interval, the light one holds 90 % of the replicates.` : ""} The vertical axis need not start at zero.`,
        unit: "number", along: data.scales[0] === "days" ? datesAlong(data.levels[0]) : levelsAlong(factors[0].name, data.levels[0], data.scales[0] === "logarithms"), lines: () => lines, axis: { scale: true },
    }, into);
}

function sensitivityFigures(into) {
    const indices = new Map();
    const outputs = new Set(data.shown.map(({ output }) => data.manifest.outputs[output].name));
    for (const row of data.sensitivity.filter((one) => outputs.has(one.output))) {
        if (!indices.has(row.output)) indices.set(row.output, []);
        indices.get(row.output).push(row);
    }
    const pair = element("div", { class: indices.size > 1 ? "pair" : "" });
    // An output that its factors give exactly, or that some runs do not have, has none.
    [...indices].filter(([, rows]) => rows.some((row) => row.value != null)).forEach(([output, rows], k) => bars(k, output, rows, pair));
    into.append(pair);
}

/** Bars of the indices of an output, the factor it depends on most first, with intervals. */
function bars(slot, output, rows, into) {
    const kinds = [...new Set(rows.map((r) => r.index))];
    const drawn = kinds.includes("mu_star") ? ["mu_star"] : kinds;
    const weight = drawn[drawn.length - 1];
    const of = (factor, index) => rows.find((r) => r.factor === factor && r.index === index);
    const factors = [...new Set(rows.map((r) => r.factor))].sort((a, b) => Math.abs(of(b, weight).value || 0) - Math.abs(of(a, weight).value || 0));
    const meaning = { total: "Sobol' indices: shares of the output's variance that are due to a factor alone (first order) and with all its interactions (total).", mu_star: "Morris's μ*: mean absolute change of the output over the factor's range.", prcc: "Partial rank correlation with each factor, the others given." }[weight] || "";
    barFigure({
        id: `sensitivity-${slot}`, title: `What “${output}” depends on`, text: `${meaning} Whiskers are 95 % intervals, from resampling the design (bootstrap).`,
        head: "Factor", unit: "number", names: factors, kinds, drawn, of, called: (index) => INDICES[index] || index,
    }, into);
}

/** Bars with intervals: of each name one for each kind `drawn`; `kinds` are in the table. `of(name, kind)` has value, low and high. */
function barFigure({ id, title, text, head, unit, names, kinds, drawn, of, called }, into) {
    const thick = 11;
    const offset = (k) => (k - (drawn.length - 1) / 2) * thick;
    const shade = (k) => colour(["c0", "c1"][k % 2]);
    const room = (width) => Math.min(width * 0.42, 16 + 7 * Math.max(...names.map((f) => f.length)));
    const inLines = (name, width) => broken(name, Math.floor((room(width) - 12) / 6.5));
    figure({
        id, key: drawn.length > 1 ? "always" : "", named: () => (drawn.length > 1 ? drawn.map((kind, k) => [k, called(kind)]) : []), title, text,
        height: (width) => 44 + names.length * Math.max(thick * drawn.length + 14, 13 * Math.max(...names.map((name) => inLines(name, width).split("\n").length)) + 6),
        option: (width) => {
            const left = room(width);
            return {
                ...base(),
                grid: { left, right: 24, top: 8, bottom: 30 },
                xAxis: valueAxis(unit, { splitNumber: width < NARROW ? 3 : 5 }),
                yAxis: { type: "category", inverse: true, data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("soft") } }, axisLabel: { color: colour("ink"), interval: 0, lineHeight: 13, formatter: (name) => inLines(name, width) } },
                tooltip: { ...tooltip((points) => tipTable(points[0].axisValue, kinds.map((kind) => {
                    const row = of(points[0].axisValue, kind);
                    return [drawn.length > 1 ? drawn.indexOf(kind) : null, called(kind), `${said(row.value, unit)} [${said(row.low, unit)} to ${said(row.high, unit)}]`];
                }))), trigger: "axis", axisPointer: { type: "shadow" } },
                series: drawn.flatMap((kind, k) => [
                    { type: "bar", name: called(kind), barWidth: thick, barGap: "0%", itemStyle: { color: shade(k), opacity: 0.75 }, emphasis: { disabled: true }, data: names.map((name) => of(name, kind).value) },
                    {
                        type: "custom", name: " interval", silent: true, z: 4, tooltip: { show: false },
                        data: names.flatMap((name, at) => { const { value, low, high } = of(name, kind); return value == null || low == null || high == null ? [] : [[low, at, high]]; }),
                        encode: { x: [0, 2], y: 1 },
                        renderItem: (params, api) => {
                            const [[from, y], [to]] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(2), api.value(1)])];
                            const at = y + offset(k);
                            const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour("ink"), lineWidth: 1.5 } });
                            return { type: "group", children: [line(from, at, to, at), line(from, at - 3, from, at + 3), line(to, at - 3, to, at + 3)] };
                        },
                    },
                ]),
            };
        },
        numbers: () => [[null, [head, ...kinds.flatMap((kind) => [called(kind), "from", "to"])], names.map((name) => [name, ...kinds.flatMap((kind) => ["value", "low", "high"].map((end) => ({ number: said(of(name, kind)[end], unit) })))])]],
    }, into);
}
