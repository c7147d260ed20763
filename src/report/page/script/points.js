/* Sweeps whose points are no grid of two factors. */

/** A choice among the outputs shown, where there are several; `then` gets the place of the one chosen. */
function outputChoice(then) {
    if (data.shown.length < 2) return [];
    const choice = element("select", {}, ...data.shown.map(({ output }, place) => element("option", { value: place }, data.manifest.outputs[output].name)));
    choice.addEventListener("change", () => then(Number(choice.value)));
    return [element("label", {}, "Output", choice)];
}

/** An output against the factors that it depends on most: a dot a point, and the course of their means. */
function scatterFigure(into) {
    const { factors, outputs } = data.manifest;
    let chosen = data.shown[0];
    const [tall, gap] = [196, 22];
    const columns = (width) => Math.min(chosen.against.length, Math.max(1, Math.floor(width / 250)));
    // Long names take several lines.
    const head = (cell) => 10 + 15 * Math.max(...chosen.against.map(({ factor }) => Math.ceil(7 * factors[factor].name.length / (cell - 68))));
    const place = (factor, level) => ({ days: () => time(level), numbers: () => Number(level), logarithms: () => Number(level), names: () => data.levels[factor].indexOf(level) })[data.scales[factor]]();
    const mean = (factor, x) => (data.scales[factor] === "days" ? time(data.levels[factor][0]) + x * DAY : x);
    const axis = (factor, k) => {
        const places = data.levels[factor].map((level) => place(factor, level));
        const ticks = data.scales[factor] === "logarithms" ? { customValues: logTicks(places[0], places[places.length - 1]) } : {};
        // Levels at the ends are rarely round.
        const ends = places.length < 10 || ticks.customValues != null;
        const own = { days: { type: "time" }, numbers: { type: "value" }, logarithms: { type: "log" }, names: { type: "value", interval: 1 } }[data.scales[factor]];
        const said = { days: { year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}" }, numbers: number, logarithms: number, names: (x) => data.levels[factor][x] ?? "" }[data.scales[factor]];
        return {
            gridIndex: k, splitNumber: 2, min: places[0], max: places[places.length - 1], splitLine: { show: false }, axisTick: { ...ticks, lineStyle: { color: colour("soft") } },
            axisLine: { onZero: false, lineStyle: { color: colour("soft") } }, axisLabel: { ...ticks, color: colour("soft"), hideOverlap: true, showMinLabel: ends, showMaxLabel: ends, formatter: said }, ...own,
        };
    };
    const f = figure({
        id: "scatter", title: "Each factor", keys: "The numbers are in the table below.",
        text: `A dot for each point of the sweep; the line joins means, of each level or of parts with as many points each. The vertical axis need not start at zero.${factors.length > chosen.against.length ? ` Shown are the ${chosen.against.length} factors over which the output's mean ranges most.` : ""}`,
        controls: outputChoice((k) => { chosen = data.shown[k]; draw(f); }),
        height: (width) => Math.ceil(chosen.against.length / columns(width)) * (tall + head(width / columns(width))),
        option: (width) => {
            const n = columns(width);
            const cell = width / n;
            const top = head(cell);
            const at = (k) => ({ left: (k % n) * cell + 56, top: Math.floor(k / n) * (tall + top) + top, width: cell - 56 - gap, height: tall - 46 });
            const { output, against } = chosen;
            return {
                ...base(),
                title: against.map(({ factor }, k) => ({ text: factors[factor].name, left: at(k).left, top: at(k).top - top, padding: 0, textStyle: { fontSize: 12, lineHeight: 15, fontWeight: 600, color: colour("ink"), width: at(k).width, overflow: "break" } })),
                grid: against.map((_, k) => at(k)),
                xAxis: against.map(({ factor }, k) => axis(factor, k)),
                yAxis: against.map((_, k) => valueAxis("number", { gridIndex: k, scale: true, splitNumber: 3 })),
                tooltip: { ...tooltip((p) => element("div", { class: "tip" }, `${factors[against[p.seriesIndex / 2].factor].name} ${levelSaid(p.value[2])}: ${said(p.value[1], "number")} (point ${p.value[3]})`)), trigger: "item" },
                series: against.flatMap(({ factor, means }, k) => [
                    { type: "scatter", name: outputs[output].name, xAxisIndex: k, yAxisIndex: k, symbolSize: 5, itemStyle: { color: colour("c0"), opacity: 0.7 }, data: data.points.filter((p) => p.outputs[output].mean != null).map((p) => [place(factor, p.levels[factor]), p.outputs[output].mean, p.levels[factor], p.number]) },
                    { type: "line", name: " means", xAxisIndex: k, yAxisIndex: k, silent: true, symbol: "none", z: 3, tooltip: { show: false }, lineStyle: { width: 2, color: colour("c1") }, emphasis: { disabled: true }, data: means.map(([x, y]) => [mean(factor, x), y]) },
                ]),
            };
        },
        numbers: () => [pointsTable()],
    }, into);
}

/** A line a point, across its factors to an output, which colours it. Axes lie below one another, so that their names have room. */
function parallelFigure(into) {
    const { factors, outputs } = data.manifest;
    let chosen = data.shown[0];
    const numeric = data.scales.map((scale) => scale === "numbers" || scale === "logarithms");
    const f = figure({
        id: "parallel", title: "All points", text: "A line for each point of the sweep, through its level of each factor to the output chosen, which colours it from low (dark) to high (pale).",
        controls: outputChoice((place) => { chosen = data.shown[place]; draw(f); }),
        height: () => 40 + (chosen.against.length + 1) * 56,
        option: (width) => {
            const { output } = chosen;
            const across = chosen.against.map(({ factor }) => factor);
            const names = [...across.map((factor) => factors[factor].name), outputs[output].name];
            const left = Math.min(width * 0.36, 20 + 7 * Math.max(...names.map((name) => name.length)));
            const called = names.map((name) => broken(name, Math.floor((left - 18) / 6.3)));
            const rows = data.points.filter((p) => p.outputs[output].mean != null).map((p) => [...across.map((k) => (numeric[k] ? Number(p.levels[k]) : p.levels[k])), p.outputs[output].mean]).sort((a, b) => a[a.length - 1] - b[b.length - 1]);
            const means = rows.map((row) => row[row.length - 1]);
            // Lines pass behind the numbers.
            const label = { color: colour("soft"), hideOverlap: true, backgroundColor: colour("ground"), padding: [0, 3] };
            const axis = (k) => (k === across.length || numeric[across[k]]
                ? { type: k < across.length && data.scales[across[k]] === "logarithms" ? "log" : "value", scale: true, min: "dataMin", max: "dataMax", axisLabel: { ...label, formatter: (x) => number(x), showMinLabel: true, showMaxLabel: true } }
                : { type: "category", data: data.levels[across[k]], axisLabel: label });
            return {
                ...base(),
                parallel: { layout: "vertical", left, right: 34, top: 14, bottom: 30, axisExpandable: false },
                parallelAxis: called.map((name, k) => ({ dim: k, z: 5, name, nameLocation: "start", nameGap: 12, nameTextStyle: { color: colour("ink"), align: "right", fontSize: 11, lineHeight: 12 }, axisLine: { lineStyle: { color: colour("soft") } }, axisTick: { lineStyle: { color: colour("soft") } }, realtime: false, areaSelectStyle: { width: 0 }, ...axis(k) })),
                visualMap: { show: false, dimension: across.length, min: Math.min(...means), max: Math.max(...means), inRange: { color: colour("ground") === "#ffffff" ? VIRIDIS.slice(0, 7) : VIRIDIS.slice(3) } },
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
    const { factors, points } = data.manifest;
    const outputs = data.shown.map(({ output }) => output);
    const cell = ({ mean, bands }) => {
        const interval = bands[bands.length - 1];
        return { number: mean == null ? "" : within(mean, interval ? (interval[1] - interval[0]) / 2 : 0) };
    };
    const rows = data.points.slice(0, ROWS).map((p) => [count(p.number), ...p.levels.map(levelSaid), ...outputs.map((o) => cell(p.outputs[o]))]);
    const more = (points > rows.length ? ` Shown are ${count(rows.length)} of ${count(points)} points; all are in results.csv.` : "") + (outputs.length < data.manifest.outputs.length ? " Of outputs over days the last one is shown; all are in results.csv." : "");
    return [`${replicatesSaid()}${data.manifest.replicates > 1 ? " ± half of the 95 % interval" : ""}.${more}`, ["Point", ...factors.map((f) => f.name), ...outputs.map((o) => data.manifest.outputs[o].name)], rows];
}
