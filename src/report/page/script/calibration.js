/* A calibration: how well the model fits, and what the data say of each parameter. */

function calibrationFigures(into) {
    const pair = element("div", { class: "pair" });
    data.series.forEach((series, k) => {
        const points = series.targets.map((value, at) => ({ at: time(series.dates[at]), date: series.dates[at], people: value, measured: series.measured[at] }));
        const lines = [{ name: "model", k: 0, on: true, points, values: series.values, ...(series.bands ? { bands: series.bands } : {}) }];
        lineFigure({
            id: `fit-${k}`, title: series.name, text: "People, by month: the model at the best point" + (series.bands ? " with 5 to 95 % of the posterior sample" : "") + "; dots are the targets, filled where they were measured, hollow where they were interpolated or assumed. The vertical axis need not start at zero.",
            unit: "people", along: datesAlong(series.dates, true), lines: () => lines, axis: { scale: true },
        }, pair);
    });
    into.append(pair);
}

function calibrationNumbers() {
    const digits = (x) => (x == null ? "" : Number(x.toPrecision(4)).toLocaleString("en-US", { maximumSignificantDigits: 4 }));
    const identified = { yes: "yes", no: "no", "": "not tested" };
    const rows = data.parameters.map((p) => [p.parameter, n(digits(p.start)), n(digits(p.best)), n(p.posterior_5 == null ? "" : `${digits(p.posterior_5)} to ${digits(p.posterior_95)}`), n(`${digits(p.low)} to ${digits(p.high)}`), identified[p.constrained] ?? p.constrained, p.meaning]);
    return ["A parameter is identified where the data narrow it: its posterior interval is clearly narrower than its prior. The best value of another one is one of many that fit as well.",
        ["Parameter", "start", "best", "5 to 95 %", "allowed", "identified", "Meaning"], rows];
}

function fitsTable() {
    const digits = (x) => x.toLocaleString("en-US", { maximumSignificantDigits: 3 });
    return table(null, ["Series", "error at the start", "error", "within tolerance"], data.fits.map((f) => [f.series, n(digits(f.error_at_start)), n(digits(f.error)), n(`${count(f.hits)} of ${count(f.judged)}`)]));
}

function worldsTable() {
    const digits = (x) => (x == null ? "" : x.toLocaleString("en-US", { maximumSignificantDigits: 3 }));
    const rows = data.worlds.map((w) => [w.world + (w.weight > 0 ? "" : " (left out of the fit)"), w.check + (w.unit ? `, ${w.unit}` : ""), n(digits(w.published)), n(`${digits(w.low)} to ${digits(w.high)}`), n(digits(w.model)), n(w.posterior_5 == null ? "" : `${digits(w.posterior_5)} to ${digits(w.posterior_95)}`), w.hit]);
    return table(null, ["World", "what", "published", "allowed", "model", "5 to 95 %", "within"], rows);
}
