/* Words and tables, by the kind of page. */

const by = (id) => document.getElementById(id);
const GRAPHS = { layered: "a layered graph of households, work and school, neighbourhood and country", file: "a graph from a file" };
const DESIGNS = { sobol: "Sobol'", morris: "Morris", latin_hypercube: "Latin hypercube" };
const n = (text) => ({ number: text });

/** What is simulated, in a sentence or two. */
function scenarioSaid(s, interventions, ties) {
    const kinds = new Map();
    for (const i of interventions) kinds.set(i.kind, (kinds.get(i.kind) || 0) + 1);
    const policy = interventions.length ? `${plural(interventions.length, "intervention")} (${list([...kinds].map(([kind, n]) => `${n} × ${kind}`))})` : "no intervention";
    return `${count(s.people)} people, represented by ${count(s.users)} simulated users (${(s.people / s.users).toLocaleString("en-US", { maximumFractionDigits: 1 })} people each), ` +
        `in ${plural(s.regions.length, "region")} and ${plural(s.ages.length, "age band")}, joined by ${ties == null ? "" : `${count(ties)} ties of `}${GRAPHS[s.graph] || "a graph of kind " + s.graph}, choose among ` +
        `${plural(s.messengers.length, "messenger")}: ${list(s.messengers)}. From ${words(days.length ? days[0] : s.start)} to ${words(s.end)}, one step a day, under ${policy}; they decide by the rule “${s.rule}”.`;
}

function introduction() {
    const m = data.manifest;
    by("title").textContent = data.title;
    by("state").hidden = data.kind !== "run" || m.status === "finished";
    if (!by("state").hidden) {
        by("state").textContent = days.length
            ? `The run is ${m.status === "stopped" ? "stopped" : "not finished"}: this page shows the days up to ${words(days[days.length - 1])}; the scenario ends on ${words(data.scenario.end)}.`
            : `The run has no day yet; the scenario begins on ${words(data.scenario.start)}.`;
    }
    by("words").textContent = {
        run: () => (m.parent ? `A fork: it begins on ${words(days.length ? days[0] : m.parent.date)}, from a snapshot of the evening before (state ${m.parent.state_hash}, of a run of scenario ${m.parent.scenario_hash}). ` : "") + scenarioSaid({ ...data.scenario, people: m.people, users: m.users }, done, m.ties),
        replicates: () => `${count(data.runs.length)} runs ${m.parent ? `that branch from one snapshot, of the evening of ${words(m.parent.date)}, each with its own random draws` : "with different seeds"}. ${scenarioSaid(data.scenario, done, null)}`,
        comparison: () => `${view.title} (“the other”) is compared with ${data.reference.title} (the reference): ${plural(view.side.pairs, "pair")} of runs with the same seed, in which every random draw is the same, so that what differs is due to the scenarios. ` +
            (view.side.first_difference ? `All figures are equal before ${words(view.side.first_difference)}. ` : "All figures are equal on every day. ") +
            (view.side.pairs === 1 ? "With one pair there are no intervals. " : "") + view.side.warnings.map((w) => `Note: ${w}. `).join("") +
            `The other: ${scenarioSaid(view.scenario, done.filter((i) => !i.label.endsWith("(reference only)")), null)}`,
        calibration: () => `${plural(data.parameters.length, "parameter")} fitted to ${list(data.series.map((s) => s.name))}: at the best point ${count(data.hits)} of ${plural(data.tested, "tested value")} ${data.hits === 1 ? "is" : "are"} within tolerance. best.toml in this folder is the scenario at that point.`,
        study: () => m.text,
        sweep: () => `A sweep of ${data.scenario_title}: ${plural(m.points, "point")} of a ${DESIGNS[m.design] || m.design} design over ${m.factors.length > 6 ? `${m.factors.length} factors` : list(m.factors.map((f) => f.name))}, ${plural(m.replicates, "run")} at each. At all points, unless it is varied: ${scenarioSaid(data.scenario, done, null)}`,
    }[data.kind]();
}

function howTo() {
    const over = days.length ? " Drag over a chart, or pinch, to zoom; a double click shows everything again. Numbers above the charts are interventions, named under the first chart; 3–5 stands for three that are close together; a dotted line is the end of one. The dates and the messengers shown apply to all charts." : "";
    const end = days.length ? days[days.length - 1] : data.scenario && time(data.scenario.end);
    const forecast = lastPublished() != null && lastPublished() < end ? ` Days after ${words(lastPublished())}, the last one with published figures, are shaded: they are a forecast.` : "";
    const bands = forecast + ({ replicates: " Lines are means; the dark band is the mean's 95 % interval, the light one holds 90 % of the replicates.", comparison: view.side?.pairs > 1 ? " Bands are 95 % intervals of the mean over pairs." : "" }[data.kind] || "");
    return [element("span", { class: "screen" }, "Point at a chart to read it, or focus it and use the arrow keys." + over), bands + (view.step > 1 && days.length ? ` To keep this file small, curves show every ${view.step} days.` : "")];
}

/** Who minus whom; scenarios of one title by their folders. */
function sidesSaid() {
    const [other, reference] = view.title === data.reference.title ? [view.side.folder, data.reference.side.folder] : [view.title, data.reference.title];
    return `Differences are ${other} (the other) minus ${reference} (the reference)`;
}

/** Every key in which the two scenarios differ. */
function keysTable() {
    return table(null, ["Key", "Reference", "Other"], view.keys.map(([key, a, b]) => [key, a ?? "not set", b ?? "not set"]));
}

/** In numbers: a note and a table. */
const NUMBERS = {
    run: () => {
        const last = days.length - 1;
        const errors = data.manifest.sampling_error;
        const rows = messengers.map((name, k) => {
            const monthly = data.curves.series.monthly_reach[k].values;
            const top = monthly.reduce((best, value, day) => (value > monthly[best] ? day : best), 0);
            return [name, n(people(monthly[0])), n(people(monthly[last])), n((monthly[last] >= monthly[0] ? "+" : "−") + people(Math.abs(monthly[last] - monthly[0]))), n(`${people(monthly[top])}, ${words(days[top])}`), n(people(data.curves.series.daily_reach[k].values[last])), n(said(data.curves.series.main_share[k].values[last], "share")), n(errors[name] == null ? "" : "±" + people(errors[name]))];
        });
        return [`Monthly reach, people, ${words(days[0])} and ${words(days[last])}; M is a million, k a thousand. The sampling error is the standard error of monthly reach at the end as a figure of all people, of whom ${count(data.manifest.audience_panel)} users are observed; it does not include the error of the model.`,
            ["Messenger", "start", "end", "change", "highest", "daily reach, end", "main app, end", "sampling error"], rows];
    },
    replicates: () => {
        const last = days.length - 1;
        const rows = messengers.map((name, k) => {
            const { values, bands } = data.curves.series.monthly_reach[k];
            const [wide, narrow] = bands || [];
            const daily = data.curves.series.daily_reach[k].values[last];
            return [name, n(people(values[0])), n(narrow ? withHalf(values[last], (narrow[1][last] - narrow[0][last]) / 2) : people(values[last])), n(wide ? `${people(wide[0][last])} to ${people(wide[1][last])}` : ""), n(people(daily)), n(said(data.curves.series.main_share[k].values[last], "share"))];
        });
        return [`Monthly reach, people, ${words(days[0])} and ${words(days[last])}, means of ${count(data.runs.length)} replicates; M is a million, k a thousand. ± is half of the mean's 95 % interval.`,
            ["Messenger", "start", "end", "90 % of replicates", "daily reach, end", "main app, end"], rows];
    },
    comparison: () => {
        const end = view.measures.filter((m) => m.measure === "day").map((m) => m.date).sort().pop();
        const shownMeasures = view.measures.filter((m) => m.measure === "day" && m.date === end && m.difference != null);
        const rows = shownMeasures.map((m) => {
            const { label, unit } = data.columns[m.column];
            const [plain, change] = [UNITS[unit], UNITS[CHANGE[unit]]];
            const [difference, interval] = unit === "people" ? changeWithin(m) : [change(m.difference), m.low == null ? "" : `${change(m.low)} to ${change(m.high)}`];
            return [m.messenger ? `${m.messenger}, ${label}` : label, n(plain(m.a)), n(plain(m.b)), n(difference), n(interval), n(m.difference === 0 ? "" : gainSaid(m.gain)), n(m.difference === 0 || m.unpaired_replicates == null || m.gain > 999 ? "" : count(m.unpaired_replicates))];
        });
        return [`${sidesSaid()}. On the last common day, ${words(end)}, means over ${plural(view.side.pairs, "pair")}; the interval is of 95 %. The gain is how many times smaller common random numbers make the variance of a difference; the last column, how many replicates of each side would be needed without them for an interval as narrow, instead of ${count(view.side.pairs)}. pp is percentage points.`,
            ["Figure", "reference", "other", "difference", "interval", "gain", "unpaired"], rows];
    },
    sweep: pointsTable,
    calibration: calibrationNumbers,
    study: () => {
        const { note, head, rows } = data.manifest.numbers;
        return [note, head, rows.map((row) => row.map((cell, k) => (k > 0 && /^[−-]?\d/.test(cell) ? n(cell) : cell)))];
    },
};

/** What numbers of the scenario rest on: those that were fitted first, then those assumed. Comments without what other columns say. */
function basisTable() {
    const rest = (v) => (v.comment ?? "").replace(v.interval ? /(\[fitted\] ?)?-?[\d.e-]+ to -?[\d.e-]+$/ : "", "").replace(/^\[(fitted|assumed|measured)\]/, "").trim();
    const order = ["fitted", "assumed", "measured"];
    const rows = [...data.marked].sort((a, b) => order.indexOf(a.basis) - order.indexOf(b.basis) || (b.interval != null) - (a.interval != null));
    return table(null, ["Key", "Value", "Rests on", "5 to 95 %", "Comment"], rows.map((v) => [v.path, n(v.value), { fitted: "a fit", assumed: "an assumption", measured: "a measurement" }[v.basis], n(v.interval ? `${v.interval[0]} to ${v.interval[1]}` : ""), rest(v)]));
}
function basisSaid() {
    const of = (basis) => count(data.marked.filter((v) => v.basis === basis).length);
    return `The scenario file states what its numbers rest on: ${of("measured")} on published figures, ${of("fitted")} on a calibration, ${of("assumed")} on assumptions. An interval holds 5 to 95 % of the calibration's posterior; without one a fitted number was not free in it. Numbers that are not listed carry no mark: facts of apps, dates, and defaults.`;
}

/** Interventions: a note, and perhaps a table. */
function doneTable(into) {
    if (!done.length) { into.append(element("p", { class: "note" }, "There are no interventions.")); return; }
    into.append(element("p", { class: "note" }, "Interventions in the order of their dates, with the numbers they have above charts over days. A ramp is the days over which the effect grows."));
    const s = (data.kind === "comparison" ? view : data).scenario;
    const [first, last] = [time(s.start), time(s.end)];
    const where = (ms) => Math.max(0, Math.min(100, 100 * (ms - first) / Math.max(1, last - first)));
    const head = ["No.", "From", "Until", "Name", "Kind", "On what", "During the run", "Source"];
    const rows = done.map((i) => {
        const on = [list(i.messengers) || (i.kind === "shutdown" ? "all messengers" : ""), i.except.length ? `but for ${list(i.except)}` : "", i.services.length ? `${list(i.services)}` : "", i.regions.length ? `in ${list(i.regions)}` : "", i.groups.length ? `for ${list(i.groups)}` : "",
            i.severity != null ? `severity ${i.severity}` : "", i.ramp_days ? `ramp of ${plural(i.ramp_days, "day")}` : ""].filter(Boolean).join("; ");
        const bar = element("i");
        bar.style.left = where(i.at) + "%";
        bar.style.right = 100 - where(i.until ? time(i.until) : last) + "%";
        return [n(String(i.number)), i.from, i.until || "", i.label, i.kind, on, element("span", { class: "span", "aria-hidden": "true" }, bar), i.source];
    });
    const made = table(null, head, rows);
    for (const row of made.rows) for (const k of [1, 2]) row.cells[k].classList.add("date");
    for (const row of made.rows) for (const k of [2, 4, 6]) row.cells[k].classList.add("wide");
    into.append(scrolling("done", "what was done", made));
}

/** Factors and outputs of a sweep. */
function variedTables(into) {
    const m = data.manifest;
    const range = (f) => (f.values.length ? f.values.join(", ") : f.low != null ? `${f.low} to ${f.high}${f.log ? ", evenly in the logarithm" : ""}` : "as listed");
    const figure = (o) => ({ peak: "largest value", trough: "smallest value", mean: "mean over days", integral: "sum over days" })[o.figure] || (/^\d{4}-/.test(o.figure) ? `on ${words(o.figure)}` : o.figure.replace("_", " "));
    into.append(
        scrolling("factors", "factors", table(null, ["Factor", "Key", "Values"], m.factors.map((f) => [f.name, f.key, range(f)]))),
        element("p", { class: "note" }, "Kept from every run:"),
        scrolling("outputs", "outputs", table(null, ["Output", "Messenger", "Column", "Figure"], m.outputs.map((o) => [o.name, o.messenger || "", o.column, figure(o) + (o.difference ? ", minus that of the baseline" : "")]))),
    );
}

function scrolling(id, what, inner) { return element("div", { id, class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${what}` }, inner); }

/** What made the results. */
function machineTable() {
    const m = data.manifest;
    const program = m.git_commit == null ? "" : `exodus ${m.exodus_version}, commit ${m.git_commit}, ${m.rustc}, ${m.target}`;
    const when = ["Started, finished", m.started ? `${m.started}, ${m.finished || "not yet"} (UTC)` : ""];
    const sides = (side) => `${side.folder}: scenario hash ${side.scenario_hash}, ${plural(side.seeds.length, "run")} of ${count(side.users)} users, exodus ${side.exodus_version}`;
    const rows = {
        run: () => [
            ["Scenario", `${data.scenario.name}, hash ${m.scenario_hash}`], ["Seed", m.seed], ["Users", `${count(m.users)} for ${count(m.people)} people`],
            ["Panels", m.status === "finished" ? `${count(m.audience_panel)} users for reach and use, ${count(m.tie_panel)} for ties` : ""],
            when, ["Wall time", m.status === "finished" ? `${m.seconds.toFixed(1)} s with ${plural(m.threads, "thread")}` : ""],
            ["Memory", m.peak_rss_bytes ? `${(m.peak_rss_bytes / 1e9).toFixed(2)} GB at most` : ""], ["Processor", m.cpu],
            ["Program", program], ["Final state", m.state_hash], ["Fork of", m.parent ? `a snapshot of the evening of ${words(m.parent.date)}, state ${m.parent.state_hash}, scenario hash ${m.parent.scenario_hash}` : ""],
        ],
        replicates: () => [
            ["Scenario", `${data.scenario.name}, hash ${m.scenario_hash}`], ["First seed", m.seed], ["Users", `${count(data.scenario.users)} for ${count(data.scenario.people)} people, in every run`],
            when, ["Wall time", `${m.seconds.toFixed(1)} s, sum of all runs`], ["Processor", m.cpu], ["Program", program],
            ...data.runs.map((run, k) => [`Replicate ${k}`, `seed ${run.seed}, final state ${run.state_hash}`]),
        ],
        comparison: () => [
            ["Reference", sides(m.reference)], ...m.others.map((other, k) => [m.others.length > 1 ? `Other ${k + 1}` : "Other", sides(other)]),
            ["Compared", `${m.made} (UTC)`], ["Processor", m.cpu], ["Program", program],
        ],
        calibration: () => [["Program", `exodus ${m.exodus_version}`]],
        study: () => [
            ["Scenario", `${m.scenario[0]}, hash ${m.scenario[1]}`], ["Seeds", `from ${data.seed}`], ["Users", `${count(m.users)}, in every run`],
            ["Made", `${m.made} (UTC)`], ["Processor", m.cpu], ["Program", program],
        ],
        sweep: () => [
            ["Scenario", `${m.scenario_name}, hash ${m.scenario_hash}`], ["Design", `${DESIGNS[m.design] || m.design}, ${plural(m.points, "point")}, ${plural(m.runs, "run")}`],
            ["Seeds", `${m.seeds}, from ${data.seed}; of the design, ${m.design_seed}`], ["Users", `${count(m.users)} for ${count(data.scenario.people)} people, in every run unless varied`],
            ["Days", `${count(m.ticks)} of each run`], when, ["Processor", m.cpu], ["Program", program],
        ],
    }[data.kind]();
    return table(null, null, rows.filter(([, value]) => value));
}

/** How to make the results again: a note, and commands. */
function again() {
    const m = data.manifest;
    const side = (side, into) => `exodus run ${side.scenario}${side.replicates ? ` --replicates ${side.seeds.length}` : ""} --out ${into}`;
    return {
        run: () => (m.parent
            ? ["The run continues from a snapshot; a run of the same scenario from its first day would be a different one. The snapshot and this folder's scenario.toml reproduce it:", "exodus fork SNAPSHOT.exo --scenario scenario.toml"]
            : [`The folder of this page holds the scenario with every default written out. In it, with the same version of exodus, this gives the same bits${m.state_hash ? `: the final state ${m.state_hash}` : ""}, with any number of threads, on any machine:`, "exodus run scenario.toml"]),
        replicates: () => ["The folder of this page holds the scenario with every default written out. In it, with the same version of exodus, this gives the same bits, with any number of threads, on any machine:", `exodus run scenario.toml --replicates ${data.runs.length}`],
        comparison: () => ["The folder of this page holds the scenarios with every default written out. In it, with the same version of exodus, these commands give the same numbers (unless a run was a fork from a snapshot):",
            [side(m.reference, "reference"), ...m.others.map((other, k) => side(other, `other-${k + 1}`)), `exodus compare reference ${m.others.map((_, k) => `other-${k + 1}`).join(" ")}`].join("\n")],
        calibration: () => ["The calibration's file and the same version of exodus give the same results, with any number of threads, on any machine:", "exodus calibrate CALIBRATION.toml --out again"],
        study: () => ["The folder of this page holds the scenario with every default written out. In it, with the same version of exodus, this gives the same results, with any number of threads, on any machine:", `${m.command} --out again`],
        sweep: () => ["The folder of this page holds the sweep and its scenario with every default written out. In it, with the same version of exodus, this gives the same results, with any number of threads, on any machine:", "exodus sweep sweep.toml --out again"],
    }[data.kind]();
}

function citeSaid() {
    const [c, m] = [data.citation, data.manifest];
    const what = {
        run: () => `Scenario ${data.scenario.name}, hash ${m.scenario_hash}, seed ${m.seed}.`,
        live: () => `Scenario ${data.scenario.name}, hash ${m.scenario_hash}, seed ${m.seed}.`,
        replicates: () => `Scenario ${data.scenario.name}, hash ${m.scenario_hash}, ${data.runs.length} replicates, seeds from ${m.seed}.`,
        comparison: () => `Scenarios ${list([[data.reference.scenario.name, m.reference.scenario_hash, data.reference.seed], ...data.others.map((o) => [o.scenario.name, o.side.scenario_hash, o.seed])].map(([name, hash, seed]) => `${name} (hash ${hash}, seeds from ${seed})`))}.`,
        calibration: () => `${data.title}.`,
        study: () => `${data.title}. Scenario ${m.scenario[0]}, hash ${m.scenario[1]}, seeds from ${data.seed}.`,
        sweep: () => `Sweep ${m.name} of scenario ${m.scenario_name}, hash ${m.scenario_hash}, seeds from ${data.seed}.`,
    }[data.kind]();
    return `${c.authors}: ${c.title}. Version ${m.exodus_version}${m.git_commit && m.git_commit !== "unknown" ? `, commit ${m.git_commit.slice(0, 10)}` : ""}. ${what}`;
}
