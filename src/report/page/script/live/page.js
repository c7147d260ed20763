/* The page that simulates: its sections, what drives the worker, links and files. */

const FINE = 100000;
const COARSE = 5000;
/** Milliseconds that one question to the worker should take. */
const SLICE = 60;
/** Seconds for all days from which on a device counts as slow. */
const SLOW = 30;
let wanted = null;
let running = false;
/** When, and for how many milliseconds, charts were drawn last. */
const drawn = { at: 0, took: 0 };
const LATER = "when all days are simulated";

function want(question) {
    wanted = question;
    problem("");
    by("hash").textContent = LATER;
    drive();
}
function problem(text) { by("problem").textContent = text; by("problem").hidden = !text; }

/** Asks the worker until all is simulated; what the reader wants comes first. Nothing happens while nobody looks. */
async function drive() {
    if (running) return;
    running = true;
    try {
        let number = 4;
        while (worker && (wanted || (!live.done && !document.hidden))) {
            if (wanted) {
                const question = wanted;
                wanted = null;
                try { taken(await ask({ question })); } catch (error) { if (!worker) throw error; problem(error.message); show(); }
                continue;
            }
            number = await advance(number);
        }
    } catch (error) {
        if (!leaving) problem(`The simulation ended: ${error.message}. Reload the page to begin again.`);
    }
    running = false;
}

/** Simulates so many days; how many should be next. While charts are drawn the worker goes on. */
async function advance(number) {
    for (let next = ask({ question: { advance: number } }), begun = performance.now(); next;) {
        const answer = await next;
        const now = performance.now();
        const took = now - begun;
        begun = now;
        live.seconds += took / 1000;
        live.simulated += answer.days.length;
        [live.done, live.hash] = [answer.done, answer.hash];
        number = Math.max(1, Math.min(200, Math.round(number * SLICE / Math.max(took, 1)), 2 * number));
        next = worker && !live.done && !wanted && !document.hidden ? ask({ question: { advance: number } }) : null;
        answer.days.forEach(takeDay);
        progress(answer.days[answer.days.length - 1]);
        if (live.done || now - drawn.at > Math.max(300, 4 * drawn.took)) show();
    }
    return number;
}

/** The state after a question that changed it. */
function taken(state) {
    const begun = state.original != null;
    const rebuilt = begun || state.users !== live.users;
    if (begun) {
        if (state.core !== data.live.core) throw new Error(`this page holds ${state.core}; it was made by ${data.live.core}`);
        live.columns = { series: state.series, population: state.population };
        live.first = state.original;
    }
    if (rebuilt) {
        [live.original, live.changed, live.seconds, live.simulated] = [emptyCurves(), state.changed ? emptyCurves() : null, 0, 0];
    } else {
        live.changed = state.changed ? keptCurves(state.of === "changed" ? live.changed : live.original, state.from, state.of === "changed") : null;
    }
    if (begun || live.linked) itemsFrom(live.first, state.interventions);
    if (begun || live.linked) showItems();
    live.linked = false;
    Object.assign(live, { users: state.users, link: state.link, file: state.file, done: false, hash: null, isChanged: state.changed });
    view = { ...view, interventions: facts(state.interventions) };
    numberInterventions();
    address();
    buttons();
    show();
}
/** Interventions as charts number them: in order of time. */
function facts(interventions) {
    return interventions.slice().sort((a, b) => a.from.localeCompare(b.from)).map(({ label, kind, from }) => ({ label, kind, from }));
}
/** The address of the page says what the reader made of it. */
function address() {
    const fragment = live.isChanged || live.users !== data.live.users ? "#" + encodeURIComponent(live.link) : "";
    if (location.hash !== fragment) history.replaceState(null, "", fragment || location.href.split("#")[0]);
}
function linkOf(fragment) {
    try { return decodeURIComponent(fragment.slice(1)); } catch { return null; }
}

function progress(day) {
    const total = (live.changed ? 2 : 1) * (tickOf(time(data.scenario.end)) + 1);
    if (day) by("done-so-far").value = ((day.of === "changed" ? total / 2 : 0) + day.tick + 1) / total;
    const speed = live.simulated / live.seconds;
    by("progress").textContent = live.done ? `Simulated with ${count(live.users)} users. 100 days take ${(100 / speed).toLocaleString("en-US", { maximumSignificantDigits: 2 })} s on this device.`
        : `Simulating ${day?.of === "changed" ? "your scenario" : "the original"} with ${count(live.users)} users: ${day ? words(day.tick * DAY + time(data.scenario.start)) : "the people and their ties"} …`;
    const needed = (tickOf(time(data.scenario.end)) + 1) / speed;
    const slow = live.seconds > 1 && needed > SLOW && live.users > COARSE;
    by("slow").hidden = !slow;
    if (slow) by("slow-words").textContent = `All days take about ${count(needed)} s on this device. With fewer users it is faster, and the bands are wider.`;
}
function buttons() {
    by("refine").hidden = live.users >= FINE;
    by("reset").disabled = !live.isChanged;
}
/** Charts and numbers as far as they are known. */
function show() {
    drawn.at = performance.now();
    // While it computes, the two charts that matter most.
    figures.slice(0, live.done ? figures.length : 2).forEach(draw);
    drawn.took = performance.now() - drawn.at;
    numbersOnDay();
    by("hash").textContent = live.done ? live.hash : LATER;
    by("same").textContent = `exodus run ${fileName()}`;
}
function fileName() { return `${data.scenario.name}${live.isChanged ? "-changed" : ""}.toml`; }

/** Differences on the day that was chosen: the largest in a sentence, all in a table. */
function numbersOnDay() {
    const at = nearest(days, time(by("on").value));
    const mine = hers();
    const of = (k) => (live.changed ? live.changed.differences[k][at] : null);
    const rows = messengers.map((name, k) => {
        const value = mine.series.monthly_reach[k][at];
        return [name, n(of(k) ? differenceSaid(of(k)) : ""), n(value == null ? "" : withHalf(value, WIDE * mine.errors[k][at])), n(people(data.curves.series.monthly_reach[k].values[at] ?? 0))];
    });
    by("numbers-table").replaceChildren(scrolling("summary", "differences", table(null, ["Monthly reach", "difference (± of 95 %)", "yours (± of 95 %)", `published run, ${count(data.manifest.users)} users`], rows)));
    const most = messengers.map((_, k) => k).filter((k) => of(k)).sort((a, b) => Math.abs(of(b)[0]) - Math.abs(of(a)[0]))[0];
    const on = new Date(days[at]).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    const text = !live.isChanged ? "Nothing is changed yet." : most == null ? `${on} is not simulated yet.` : of(most)[0] === 0 ? `On ${on} nothing differs.` : `${messengers[most]} on ${on}: ${differenceSaid(of(most))}`;
    if (by("headline").textContent !== text) by("headline").textContent = text;
    if (live.done) say(text);
}

function sections() {
    const main = by("main");
    main.classList.add("live");
    const button = (id, text, act) => { const made = element("button", { type: "button", id }, text); made.addEventListener("click", act); return made; };
    const on = element("input", { type: "date", id: "on", min: iso(days[0]), max: iso(days[days.length - 1]), value: iso(Math.min(lastPublished() ?? days[days.length - 1], days[days.length - 1])) });
    on.addEventListener("change", () => { if (!Number.isNaN(time(on.value))) numbersOnDay(); });
    main.append(
        element("section", { id: "state-of-it", "aria-label": "The simulation" },
            element("p", { id: "progress" }, "Loading …"), element("progress", { id: "done-so-far", max: 1, value: 0, "aria-label": "Simulated so far" }),
            element("p", { id: "problem", role: "alert", hidden: true }),
            element("p", { id: "slow", hidden: true }, element("span", { id: "slow-words" }), " ", button("coarse", `Use ${count(COARSE)} users`, () => want({ users: COARSE }))),
            element("p", { class: "buttons" }, button("refine", `Refine to ${count(FINE)} users`, () => want({ users: FINE })), button("reset", "Back to the original", () => { live.linked = true; want({ interventions: live.first }); }),
                button("download", "Download the scenario", download), button("copy", "Copy the link", copy))),
        element("section", { id: "outcome", "aria-label": "Difference" }, element("p", { id: "headline" }), element("label", {}, "on", on), element("div", { id: "numbers-table" })));
    section("change", "Change it", element("p", { class: "note" }, "Switch interventions off, move their first day, choose how strong they are. All days before a change stay as they are."), element("div", { id: "choices" }));
    const charts = section("charts", "What happens", element("p", { class: "note" },
        `Whole lines are yours, simulated here; the dark band holds 95 % of samples of as many users. Dotted lines are the published run with ${count(data.manifest.users)} users; symbols are published figures, filled where they were measured. ` +
        "Point at a chart to read it, or focus it and use the arrow keys. Numbers above the charts are interventions."));
    const [monthly, ...others] = TIMES.filter((one) => !["ties", "starts", "kinds"].includes(one.id));
    const spec = (one) => ({ ...one, along: DAYS, lines: () => liveLines(one) });
    lineFigure(spec(monthly), charts);
    lineFigure({ id: "difference", title: "Difference in monthly reach", text: "Your scenario minus the original, both simulated here with the same users, ties and random draws; the band is of 95 %. Chance that all users of a run share, such as when a small messenger begins to grow, is not in it.", unit: "change", signed: true, along: DAYS, lines: differenceLines }, charts);
    const pair = element("div", { class: "pair" });
    others.forEach((one) => lineFigure(spec(one), pair));
    charts.append(pair);
    section("repeat", "The same in the command", element("p", {}, "Download the scenario; with exodus ", data.manifest.exodus_version, " this command comes to the same state, bit for bit, on any machine:"), element("pre", { id: "same", tabindex: "0" }),
        element("p", {}, "Final state: ", element("code", { id: "hash" })));
    section("citation", "Cite it", element("p", { id: "cite" }, citeSaid()));
}

function download() {
    const link = element("a", { download: fileName(), href: URL.createObjectURL(new Blob([live.file], { type: "application/toml" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
async function copy() {
    try { await navigator.clipboard.writeText(location.href); say("The link is copied."); } catch { say("The link is the address of this page."); }
    by("copy").textContent = "The address is the link";
}

let leaving = false;
async function beginLive() {
    leaving = false;
    try {
        await startWorker();
        const link = location.hash.length > 1 ? linkOf(location.hash) : null;
        const open = (link) => ask({ question: { open: { scenario: data.live.scenario, users: data.live.users, link } } });
        let state = await open(link).catch((error) => { if (!link) throw error; problem(`The link cannot be followed: ${error.message}`); return null; });
        taken(state || await open(null));
        drive();
    } catch (error) {
        if (!leaving) problem(`This browser cannot simulate: ${error.message}. A browser of 2023 or later is needed.`);
    }
}
async function startLive() {
    days = data.dates.map(time);
    days.forEach((ms, at) => placeOfTick.set(tickOf(ms), at));
    [range.from, range.to] = [days[0], days[days.length - 1]];
    numberInterventions();
    by("title").textContent = data.title;
    by("words").textContent = `A published simulation that you can change, and that runs in this page: nothing is sent anywhere, nothing is loaded. ${scenarioSaid(data.scenario, done, data.manifest.ties)}`;
    const script = element("script", {}, new TextDecoder().decode(await unpack(by("packed-charts").textContent)));
    document.head.append(script);
    sections();
    controls();
    redraw();
    numbersOnDay();
    document.documentElement.dataset.ready = "yes";
    addEventListener("pagehide", () => { leaving = true; stopWorker(); });
    addEventListener("pageshow", (event) => { if (event.persisted) beginLive(); });
    document.addEventListener("visibilitychange", drive);
    addEventListener("hashchange", () => {
        const link = linkOf(location.hash);
        if (link && link !== live.link) { live.linked = true; want({ link }); }
    });
    await beginLive();
}
