/* Regions and ages. */

function cohortFigures(into) {
    const { region, age, dates } = data.cohorts;
    const times = dates.map(time);
    const on = () => messengers.map((name, k) => [name, k]).filter(([, k]) => shown.has(k));
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
        const f = figure({
            id: "regions", key: "always", named: () => on().map(([name, k]) => [k, name]), title: "By region", text: "Share of a region's people who opened it in the 30 days before the day chosen.",
            keys: "Choose the day with the slider above; the numbers are in the table below.",
            controls: [element("label", { class: "pick" }, element("span", { class: "screen" }, "Day "), slider, output)],
            height: () => 60 + region.names.length * Math.max(34, 14 + 8 * on().length),
            option: (width) => ({
                ...base(),
                grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
                xAxis: valueAxis("share", { min: 0, max: 1, interval: width < NARROW ? 0.5 : 0.2 }),
                yAxis: { type: "category", inverse: true, data: region.names, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("soft") } }, axisLabel: { color: colour("ink"), width: width < NARROW ? 110 : 160, overflow: "truncate" } },
                tooltip: { ...tooltip((points) => tipTable(`${points[0].axisValue}, ${words(dates[at])}`, points.map((p) => [messengers.indexOf(p.seriesName), p.seriesName, said(p.value, "share")]))), trigger: "axis", axisPointer: { type: "shadow" } },
                series: on().map(([name, k]) => ({ type: "bar", name, barGap: "10%", barCategoryGap: "22%", itemStyle: { color: look(k).color, decal: k % 2 ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 * (k % 4), color: colour("ground") } : null }, data: region.names.map((_, r) => region.reach[r][k][at]) })),
            }),
            numbers: () => [[`Monthly reach, ${words(dates[at])}.`, ["Region", ...on().map(([name]) => name)], region.names.map((name, r) => [name, ...on().map(([, k]) => ({ number: said(region.reach[r][k][at], "share") }))])]],
        }, into);
    }
    if (age && age.names.length > 1) {
        panelsFigure({
            id: "ages", key: "always", named: () => on().map(([name, k]) => [k, name]), title: "By age", text: "Share of an age band's people who opened it in the last 30 days.", unit: "share",
            axis: { max: 1, interval: 0.5 }, names: () => age.names,
            lines: (panel) => on().map(([name, k]) => ({ name, k, times, values: age.reach[panel][k] })),
            numbers: () => {
                const rows = [0, Math.floor(dates.length / 2), dates.length - 1].flatMap((d) => age.names.map((name, a) => [dates[d], name, ...on().map(([, k]) => ({ number: said(age.reach[a][k][d], "share") }))]));
                return [["First, middle and last day.", ["Date", "Age", ...on().map(([name]) => name)], rows]];
            },
        }, into);
    }
}
