/* The page: its sections by kind, what the charts show, paper. */

function section(id, title, ...inner) {
    const made = element("section", { "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), ...inner);
    made.id = id;
    by("main").append(made);
    return made;
}

function controls() {
    by("controls").hidden = !days.length;
    if (!days.length) return;
    const boxes = messengers.map((name, k) => {
        const box = element("input", { type: "checkbox", checked: shown.has(k) });
        box.addEventListener("change", () => { if (box.checked) shown.add(k); else shown.delete(k); redraw(); });
        return element("label", {}, box, swatch(k), name);
    });
    const ends = [iso(days[0]), iso(days[days.length - 1])];
    const date = (id, text, value, apply) => {
        const input = element("input", { type: "date", id, min: ends[0], max: ends[1], value });
        input.addEventListener("change", () => { const ms = time(input.value); if (!Number.isNaN(ms)) apply(ms); });
        return element("label", {}, text, input);
    };
    const all = element("button", { type: "button", id: "all" }, "All dates");
    all.addEventListener("click", () => setRange(days[0], days[days.length - 1]));
    const marks = element("input", { type: "checkbox", checked: marksShown, id: "marks" });
    marks.addEventListener("change", () => { marksShown = marks.checked; redraw(); });
    const choice = element("select", { id: "other" }, ...(data.others || []).map((other, k) => element("option", { value: k, selected: other === view }, other.title)));
    choice.addEventListener("change", () => { view = data.others[choice.value]; render(); by("other").focus(); });
    by("controls").replaceChildren(
        ...(data.others?.length > 1 ? [element("label", {}, "The other", choice)] : []),
        element("fieldset", {}, element("legend", {}, "Messengers"), ...boxes),
        element("fieldset", {}, element("legend", {}, "Dates"), date("from", "from", ends[0], (ms) => setRange(ms, range.to)), date("to", "to", ends[1], (ms) => setRange(range.from, ms)), all),
        ...(done.length ? [element("label", {}, marks, "interventions")] : []),
    );
}

/** The charts of each kind, into their section. */
const CHARTS = {
    run: (into) => { timeFigures(into); pathFigure(into); cohortFigures(into); },
    replicates: timeFigures,
    comparison: (into) => { timeFigures(into); movedFigure(into); },
    sweep: sweepFigures,
    calibration: calibrationFigures,
    study: studyFigures,
};

function render() {
    forget();
    by("main").replaceChildren();
    days = (view.dates || []).map(time);
    [range.from, range.to] = [days[0], days[days.length - 1]];
    numberInterventions();
    introduction();
    controls();
    // These have no days of their own.
    const [calibration, study] = ["calibration", "study"].map((kind) => data.kind === kind);
    const something = calibration || study || data.kind === "sweep" || days.length > 0;
    if (something) {
        const [note, head, rows] = NUMBERS[data.kind]();
        section("numbers", "In numbers", element("p", { class: "note" }, note), scrolling(data.kind === "sweep" ? "points" : "summary", "in numbers", table(null, head, rows)));
    }
    if (data.others?.length > 1) jointFigures(section("joint", "All against the reference", element("p", { class: "note" }, jointSaid())));
    const charts = section("charts", { calibration: "How well it fits", sweep: "Results", study: "Results", comparison: "What differs" }[data.kind] || "What happened", element("p", { class: "note" }, ...(something ? howTo() : ["Nothing yet."])));
    if (something) CHARTS[data.kind](charts);
    if (data.kind === "sweep") variedTables(section("varied", "What was varied"));
    if (data.kind === "comparison") section("keys", "What the scenarios differ in", ...(view.keys.length ? [scrolling("differing", "keys that differ", keysTable())] : [element("p", { class: "note" }, "In no key.")]));
    if (calibration) section("fits", "Errors", element("p", { class: "note" }, "The weighted error is zero where every target is met."), scrolling("done", "errors by series", fitsTable()));
    if (calibration && data.worlds.length) section("worlds", "Other worlds", element("p", { class: "note" }, "The same numbers have to explain these, too: the model at the best point."), scrolling("done", "other worlds", worldsTable()));
    if (data.interventions || view.interventions) doneTable(section("policy", { sweep: "What is done at all points", study: "What is done in the scenario", calibration: "What is done in the scenario" }[data.kind] || "What was done"));
    if (data.marked?.length) section("basis", "What the numbers rest on", element("p", { class: "note" }, basisSaid()), scrolling("marked", "what numbers rest on", basisTable()));
    section("made", { run: "The run", replicates: "The runs", comparison: "The comparison", sweep: "The sweep", calibration: "The calibration", study: "The study" }[data.kind], scrolling("run", "what made the results", machineTable()));
    const [note, commands] = again();
    section("repeat", "Repeat it", element("p", {}, note), element("pre", { id: "again", tabindex: "0" }, commands));
    section("citation", "Cite it", element("p", { id: "cite" }, citeSaid()));
    redraw();
}

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
if (data.kind === "live") startLive();
else {
    render();
    document.documentElement.dataset.ready = "yes";
}
