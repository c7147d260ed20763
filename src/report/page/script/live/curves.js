/* What has been simulated here: of the original, and of the reader's scenario once it differs. */

const live = {
    users: data.kind === "live" ? data.live.users : 0, original: null, changed: null, columns: null, done: false, hash: null, link: "", file: "", seconds: 0, simulated: 0,
};
/** Two-sided 95 % of a normal distribution. */
const WIDE = 1.96;

/** Curves of days that are still to come; `kept` gives those that are known already. */
function emptyCurves() {
    const none = () => days.map(() => null);
    const each = (columns, make) => Object.fromEntries(columns.map((column) => [column, make()]));
    return {
        series: each(Object.keys(data.curves.series), () => messengers.map(none)),
        population: each(Object.keys(data.curves.population), none),
        errors: messengers.map(none), differences: messengers.map(none),
    };
}
function tickOf(ms) { return Math.round((ms - time(data.scenario.start)) / DAY); }
/** The curves up to a tick, as far as they are the same after a change. */
function keptCurves(curves, from, paired) {
    const kept = emptyCurves();
    const upTo = (into, values) => values.forEach((value, at) => { if (tickOf(days[at]) < from) into[at] = value; });
    for (const [column, all] of Object.entries(curves.series)) all.forEach((values, k) => upTo(kept.series[column][k], values));
    for (const [column, values] of Object.entries(curves.population)) upTo(kept.population[column], values);
    curves.errors.forEach((values, k) => upTo(kept.errors[k], values));
    // Before the change of a scenario that did not differ there is no difference.
    curves.differences.forEach((values, k) => upTo(kept.differences[k], paired ? values : days.map(() => [0, 0])));
    return kept;
}
function takeDay(day) {
    const at = placeOfTick.get(day.tick);
    if (at == null) return;
    const into = live[day.of];
    for (const [column, all] of Object.entries(into.series)) all.forEach((values, k) => { values[at] = day.series[k][live.columns.series.indexOf(column)]; });
    for (const [column, values] of Object.entries(into.population)) values[at] = day.population[live.columns.population.indexOf(column)];
    into.errors.forEach((values, k) => { values[at] = day.errors[k]; });
    if (day.differences.length) into.differences.forEach((values, k) => { values[at] = day.differences[k]; });
}
const placeOfTick = new Map();

/** The curves that are the reader's now. */
function hers() { return live.changed || live.original || emptyCurves(); }
function band(values, errors) {
    const end = (sign) => values.map((value, at) => (value == null || errors[at] == null ? null : value + sign * WIDE * errors[at]));
    return [end(-1), end(1)];
}

/** Lines of a chart over days: the reader's, and those of the run that the page was made from. */
function liveLines(spec) {
    const faint = { plain: true, width: 1.3, opacity: 0.75, dash: [2, 3], points: [] };
    const run = (name) => (name ? `${name}, published run` : "published run");
    if (spec.columns) {
        return spec.columns.flatMap(([column, name], k) => [
            { name, k, on: true, points: [], values: hers().population[column] },
            { name: run(name), k, on: true, ...faint, values: data.curves.population[column].values },
        ]);
    }
    const published = (name) => data.targets.filter((t) => t.messenger === name && t.column === spec.column).map((t) => ({ ...t, at: time(t.date) }));
    return messengers.flatMap((name, k) => {
        const values = hers().series[spec.column][k];
        const banded = spec.column === "monthly_reach" ? { bands: [band(values, hers().errors[k])] } : {};
        return [
            { name, k, on: shown.has(k), points: published(name), values, ...banded },
            { name: run(name), k, on: shown.has(k), ...faint, values: data.curves.series[spec.column][k].values },
        ];
    });
}
/** The reader's scenario less the original, both simulated here, pair by pair. */
function differenceLines() {
    return messengers.map((name, k) => {
        const pairs = live.changed ? live.changed.differences[k] : hers().errors[k].map((error) => (error == null ? null : [0, 0]));
        const values = pairs.map((pair) => pair && pair[0]);
        return { name, k, on: shown.has(k), points: [], values, bands: [band(values, pairs.map((pair) => pair && pair[1]))] };
    });
}

/** A difference of people with half of its 95 % interval: −3.1 million (± 0.4). */
function differenceSaid([people, error]) {
    const half = WIDE * error;
    const size = Math.max(Math.abs(people), half);
    const [scale, unit] = size >= 1e6 ? [1e6, " million"] : size >= 1e3 ? [1e3, " thousand"] : [1, ""];
    const decimals = Math.max(0, Math.min(3, half > 0 ? 1 - Math.floor(Math.log10(half / scale)) : 1, unit ? 3 : 0));
    const text = (x) => (x / scale).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return `${signed(text(people), people)}${unit} (± ${text(half)})`;
}
