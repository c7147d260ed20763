/* Sweeps: outputs over factors, and how much they depend on each. */

/** Most lines of a chart that can still be told apart. */
const MOST_LINES = 8;
const INDICES = {
    first_order: "first order", total: "total", mu_star: "μ*", mu: "μ", sigma: "σ", prcc: "partial rank correlation",
};

function sweepFigures(into) {
    const { factors, outputs } = data.manifest;
    if (data.grid && factors.length === 2 && data.levels.every((levels) => levels.length > 1)) pairs(into, (o, pair) => heatMap(o, pair));
    if (data.grid && factors.length <= 2 && data.levels[0].length > 1 && (data.levels[1] || [""]).length <= MOST_LINES) pairs(into, (o, pair) => response(o, pair));
    sensitivityFigures(into);
    if (factors.length > 1 && data.points.length > 1) parallelFigure(into);
    function pairs(into, make) {
        const pair = element("div", { class: outputs.length > 1 ? "pair" : "" });
        outputs.forEach((_, o) => make(o, pair));
        into.append(pair);
    }
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
    const cells = up.flatMap((b, j) => along.map((a, i) => [i, j, outputAt(o, [a, b])?.mean ?? null]));
    const known = cells.map(([, , x]) => x).filter((x) => x != null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const scale = (x) => (high > low ? (x - low) / (high - low) : 0.5);
    figure({
        id: `heat-${o}`, title: outputs[o].name, text: `${replicatesSaid()} at every combination of ${factors[0].name} (across) and ${factors[1].name} (upwards).`,
        height: () => 110 + Math.max(120, up.length * 34),
        option: (width) => {
            const left = Math.min(width * 0.3, 22 + 7 * Math.max(...up.map((l) => l.length)));
            const room = (width - left - 16) / along.length;
            const axis = (name, levels) => ({ type: "category", data: levels, name, nameTextStyle: { color: colour("ink") }, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: colour("soft"), hideOverlap: true }, splitArea: { show: false } });
            return {
                ...base(),
                grid: { left, right: 16, top: 24, bottom: 86 },
                xAxis: { ...axis(factors[0].name, along), nameLocation: "middle", nameGap: 26 },
                yAxis: { ...axis(factors[1].name, up), nameLocation: "end", nameTextStyle: { color: colour("ink"), align: "left", padding: [0, 0, 0, -left + 8] }, nameGap: 8 },
                visualMap: { min: low, max: high > low ? high : low + 1, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemWidth: 12, itemHeight: Math.min(220, width * 0.5), precision: 6, text: [number(high), number(low)], textStyle: { color: colour("soft") }, inRange: { color: VIRIDIS } },
                tooltip: { ...tooltip((p) => element("div", { class: "tip" }, `${factors[0].name} ${along[p.value[0]]}, ${factors[1].name} ${up[p.value[1]]}: ${said(p.value[2], "number")}`)), trigger: "item" },
                series: [{
                    type: "heatmap", emphasis: { itemStyle: { borderColor: colour("ink"), borderWidth: 2 } },
                    data: cells.map(([i, j, x]) => ({ value: [i, j, x ?? "-"], label: { show: room > 46 && x != null, formatter: () => number(x), color: x == null ? colour("ink") : inkOn(viridis(scale(x))), fontSize: 11 } })),
                }],
            };
        },
        numbers: () => [[`Rows: ${factors[1].name}; columns: ${factors[0].name}.`, [factors[1].name, ...along], up.slice().reverse().map((b) => [b, ...along.map((a) => ({ number: said(outputAt(o, [a, b])?.mean ?? null, "number") }))])]],
    }, into);
}

function response(o, into) {
    const { factors, outputs, replicates } = data.manifest;
    const others = data.levels[1] || [null];
    const lines = others.map((other, k) => {
        const points = data.levels[0].map((level) => outputAt(o, other == null ? [level] : [level, other]));
        const bands = replicates > 1 && points[0]?.bands.length ? points[0].bands.map((_, b) => [0, 1].map((end) => points.map((p) => p?.bands[b]?.[end] ?? null))) : null;
        return { name: other ?? "", k, on: true, points: [], values: points.map((p) => p?.mean ?? null), ...(bands ? { bands } : {}) };
    });
    const least = Math.min(...lines.flatMap((l) => l.values).filter((x) => x != null));
    lineFigure({
        id: `response-${o}`, title: outputs[o].name, text: `Against ${factors[0].name}${others.length > 1 ? `, a line for each ${factors[1].name}` : ""}.${replicates > 1 ? ` Means of ${replicates} replicates; the dark band is their 95 % interval, the light one holds 90 % of the replicates.` : ""}`,
        unit: "number", along: levelsAlong(factors[0].name, data.levels[0]), lines: () => lines, signed: least < 0,
    }, into);
}

function sensitivityFigures(into) {
    const indices = new Map();
    for (const row of data.sensitivity) {
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
    const thick = 11;
    const offset = (k) => (k - (drawn.length - 1) / 2) * thick;
    const meaning = { total: "Sobol' indices: shares of the output's variance that are due to a factor alone (first order) and with all its interactions (total).", mu_star: "Morris's μ*: mean absolute change of the output over the factor's range.", prcc: "Partial rank correlation with each factor, the others given." }[weight] || "";
    const shade = (k) => colour(["c0", "c1"][k % 2]);
    figure({
        id: `sensitivity-${slot}`, key: drawn.length > 1 ? "always" : "", named: () => (drawn.length > 1 ? drawn.map((index, k) => [k, INDICES[index]]) : []),
        title: `What “${output}” depends on`, text: `${meaning} Whiskers are 95 % intervals of the design, drawn again.`,
        height: () => 44 + factors.length * (thick * drawn.length + 14),
        option: (width) => {
            const left = Math.min(width * 0.42, 16 + 7 * Math.max(...factors.map((f) => f.length)));
            return {
                ...base(),
                grid: { left, right: 24, top: 8, bottom: 30 },
                xAxis: valueAxis("number", { splitNumber: width < NARROW ? 3 : 5 }),
                yAxis: { type: "category", inverse: true, data: factors, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("soft") } }, axisLabel: { color: colour("ink"), interval: 0, width: left - 12, overflow: "truncate" } },
                tooltip: { ...tooltip((points) => tipTable(points[0].axisValue, kinds.map((index) => {
                    const row = of(points[0].axisValue, index);
                    return [drawn.length > 1 ? drawn.indexOf(index) : null, INDICES[index] || index, `${said(row.value, "number")} [${said(row.low, "number")} to ${said(row.high, "number")}]`];
                }))), trigger: "axis", axisPointer: { type: "shadow" } },
                series: drawn.flatMap((index, k) => [
                    { type: "bar", name: INDICES[index], barWidth: thick, barGap: "0%", itemStyle: { color: shade(k), opacity: 0.75 }, emphasis: { disabled: true }, data: factors.map((f) => of(f, index).value) },
                    {
                        type: "custom", name: " interval", silent: true, z: 4, tooltip: { show: false },
                        data: factors.flatMap((f, at) => { const { value, low, high } = of(f, index); return value == null || low == null || high == null ? [] : [[low, at, high]]; }),
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
        numbers: () => [[null, ["Factor", ...kinds.flatMap((index) => [INDICES[index] || index, "from", "to"])], factors.map((f) => [f, ...kinds.flatMap((index) => ["value", "low", "high"].map((end) => ({ number: said(of(f, index)[end], "number") })))])]],
    }, into);
}

/** A line a point, across its factors to an output, which colours it. Axes lie below one another, so that their names have room. */
function parallelFigure(into) {
    const { factors, outputs } = data.manifest;
    let chosen = 0;
    const choice = element("select", {}, ...outputs.map((output, o) => element("option", { value: o }, output.name)));
    choice.addEventListener("change", () => { chosen = Number(choice.value); draw(f); });
    const numeric = factors.map((_, k) => data.levels[k].every((level) => level.trim() !== "" && Number.isFinite(Number(level))));
    const f = figure({
        id: "parallel", title: "All points", text: "A line for each point of the sweep, through the level of every factor to the output chosen, which colours it from low (dark) to high (pale).",
        controls: outputs.length > 1 ? [element("label", {}, "Output", choice)] : [],
        height: () => 40 + (factors.length + 1) * 56,
        option: (width) => {
            const names = [...factors.map((factor) => factor.name), outputs[chosen].name];
            const left = Math.min(width * 0.36, 20 + 7 * Math.max(...names.map((name) => name.length)));
            const rows = data.points.filter((p) => p.outputs[chosen].mean != null).map((p) => [...p.levels.map((level, k) => (numeric[k] ? Number(level) : level)), p.outputs[chosen].mean]).sort((a, b) => a[a.length - 1] - b[b.length - 1]);
            const means = rows.map((row) => row[row.length - 1]);
            // Lines pass behind the numbers.
            const label = { color: colour("soft"), hideOverlap: true, backgroundColor: colour("ground"), padding: [0, 3] };
            const axis = (k) => (k === factors.length || numeric[k]
                ? { type: "value", scale: true, min: "dataMin", max: "dataMax", axisLabel: { ...label, formatter: (x) => number(x), showMinLabel: true, showMaxLabel: true } }
                : { type: "category", data: data.levels[k], axisLabel: label });
            return {
                ...base(),
                parallel: { layout: "vertical", left, right: 34, top: 14, bottom: 30, axisExpandable: false },
                parallelAxis: names.map((name, k) => ({ dim: k, z: 5, name, nameLocation: "start", nameGap: 12, nameTextStyle: { color: colour("ink"), width: left - 18, overflow: "truncate", align: "right" }, nameTruncate: { maxWidth: left - 18, ellipsis: "…" }, axisLine: { lineStyle: { color: colour("soft") } }, axisTick: { lineStyle: { color: colour("soft") } }, realtime: false, areaSelectStyle: { width: 0 }, ...axis(k) })),
                visualMap: { show: false, dimension: factors.length, min: Math.min(...means), max: Math.max(...means), inRange: { color: colour("ground") === "#ffffff" ? VIRIDIS.slice(0, 7) : VIRIDIS.slice(3) } },
                series: [{ type: "parallel", smooth: false, silent: true, lineStyle: { width: 1.5, opacity: Math.max(0.2, Math.min(0.8, 40 / rows.length)) }, data: rows }],
            };
        },
        numbers: () => [pointsTable()],
    }, into);
}

/** Most rows of the table of points. */
const ROWS = 200;

/** Points and outputs: means over replicates, with half of their 95 % interval where there are several. */
function pointsTable() {
    const { factors, outputs, points } = data.manifest;
    const cell = ({ mean, bands }) => {
        const interval = bands[bands.length - 1];
        return { number: mean == null ? "" : number(mean) + (interval ? ` ±${number((interval[1] - interval[0]) / 2)}` : "") };
    };
    const rows = data.points.slice(0, ROWS).map((p) => [count(p.number), ...p.levels.map(levelSaid), ...p.outputs.map(cell)]);
    const more = points > rows.length ? ` Shown are ${count(rows.length)} of ${count(points)} points; all are in results.csv.` : "";
    return [`${replicatesSaid()}${data.manifest.replicates > 1 ? " ± half of the 95 % interval" : ""}.${more}`, ["Point", ...factors.map((f) => f.name), ...outputs.map((o) => o.name)], rows];
}
