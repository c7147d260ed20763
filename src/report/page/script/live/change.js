/* What the reader can change: every intervention, and new ones. */

/** Interventions of the original and of the reader: { now, on, added }. */
let items = [];
const VPN = "VPN effectiveness chosen by the reader";
/** Numbers from 0 to 1 that a reader may want to choose. */
const STRENGTHS = ["severity", "effectiveness"];

function itemsFrom(original, now) {
    const known = new Map(now.map((i) => [i.label, i]));
    const old = original.map((i) => ({ now: { ...(known.get(i.label) || i) }, on: known.has(i.label) }));
    const added = now.filter((i) => !original.some((o) => o.label === i.label)).map((i) => ({ now: { ...i }, on: true, added: true }));
    items = [...old, ...added];
    if (!items.some((item) => item.now.label === VPN)) items.push({ now: { label: VPN, kind: "vpn", from: data.scenario.start, effectiveness: 1 }, on: false, added: true });
}
function wantItems() {
    want({ interventions: items.filter((item) => item.on).map((item) => item.now) });
}

/** The first day moves, and the last one with it. */
function moveItem(item, date) {
    if (item.now.until) item.now.until = iso(time(item.now.until) + time(date) - time(item.now.from));
    item.now.from = date;
}
function dateInput(label, value, apply) {
    const input = element("input", { type: "date", value, "aria-label": label, max: data.scenario.end });
    input.addEventListener("change", () => { if (!Number.isNaN(time(input.value))) apply(input.value); });
    return input;
}
function strengthInput(name, label, value, apply) {
    const told = element("output", {}, value.toFixed(2));
    const input = element("input", { type: "range", min: 0, max: 1, step: 0.01, value, "aria-label": label });
    input.addEventListener("input", () => { told.textContent = Number(input.value).toFixed(2); });
    input.addEventListener("change", () => apply(Number(input.value)));
    return element("label", { class: "strength" }, name, input, told);
}
function itemRow(item) {
    const { label } = item.now;
    const box = element("input", { type: "checkbox", checked: item.on });
    box.addEventListener("change", () => { item.on = box.checked; wantItems(); });
    const changed = () => { if (item.on) wantItems(); };
    const strengths = STRENGTHS.filter((key) => item.now[key] != null).map((key) => strengthInput(key, `${label}: ${key}`, item.now[key], (value) => { item.now[key] = value; changed(); }));
    const date = dateInput(`${label}: first day`, item.now.from, (value) => { moveItem(item, value); changed(); });
    return element("li", {}, element("label", { class: "switch" }, box, element("span", {}, label)), element("label", {}, "from", date), ...strengths);
}

/** The VPN's effectiveness, from a day on: a factor beside what the scenario does to VPNs. */
function vpnRow() {
    const item = items.find((item) => item.now.label === VPN);
    const apply = () => { item.on = item.now.effectiveness < 1; wantItems(); };
    return element("fieldset", { class: "row", id: "vpn-choice" }, element("legend", {}, "VPN effectiveness"),
        strengthInput("factor", "VPN effectiveness, a factor: 1 leaves VPNs as they are in the scenario", item.now.effectiveness, (value) => { item.now.effectiveness = value; apply(); }),
        element("label", {}, "from", dateInput("VPN effectiveness: first day", item.now.from, (value) => { item.now.from = value; if (item.on) apply(); })));
}
function blockRow() {
    const middle = iso((time(data.scenario.start) + time(data.scenario.end)) / 2);
    const chosen = { messenger: messengers[0], from: data.targets.length ? data.targets[data.targets.length - 1].date : middle, severity: 1 };
    const select = element("select", { "aria-label": "Messenger to block" }, ...messengers.map((name) => element("option", {}, name)));
    select.addEventListener("change", () => { chosen.messenger = select.value; });
    const button = element("button", { type: "button", id: "block" }, "Block it");
    button.addEventListener("click", () => {
        const label = `${chosen.messenger} blocked by the reader, ${chosen.from}`;
        items = items.filter((item) => item.now.label !== label);
        items.push({ now: { label, kind: "block", ...chosen }, on: true, added: true });
        showItems();
        wantItems();
    });
    return element("fieldset", { class: "row", id: "block-choice" }, element("legend", {}, "Block another messenger"), select,
        element("label", {}, "from", dateInput("Block: first day", chosen.from, (value) => { chosen.from = value; })),
        strengthInput("severity", "Block: severity", chosen.severity, (value) => { chosen.severity = value; }), button);
}
/** The controls, from the items as they are. */
function showItems() {
    const own = items.filter((item) => item.added && item.now.label !== VPN);
    const old = items.filter((item) => !item.added).sort((a, b) => a.now.from.localeCompare(b.now.from));
    by("choices").replaceChildren(vpnRow(), blockRow(), element("ul", { class: "changes", id: "changes", tabindex: "0", "aria-label": "Interventions: switch, first day, strength" }, ...[...own, ...old].map(itemRow)));
}
