// What all parts of the page use: words and numbers, elements and tables, colours. Every text from the data is set as
// text, never as markup; tooltips are elements for the same reason.
const data = JSON.parse(document.getElementById("data").textContent);
/** What is shown: the data, or of a comparison with several others one of them. */
let view = data.others ? data.others[0] : data;
const messengers = data.messengers || [];
const shown = new Set(messengers.keys());
const DAY = 86400000;
/** Days that curves have, and those of them that are shown. */
let days = [];
const range = { from: 0, to: 0 };
let marksShown = true;
let paper = false;

function time(date) { return Date.parse(date + "T00:00:00Z"); }
function iso(ms) { return new Date(ms).toISOString().slice(0, 10); }
/** Months as figures for print have them. */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** A day in words: `13 Aug 2025`. */
function words(date) {
    const day = new Date(typeof date === "number" ? date : time(date));
    return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
}
function count(n) { return Math.round(n).toLocaleString("en-US"); }
function people(n) {
    const size = Math.abs(n);
    if (size >= 1e6) return (n / 1e6).toLocaleString("en-US", { maximumFractionDigits: size >= 1e8 ? 1 : 2 }) + " M";
    if (size >= 1e4) return (n / 1e3).toLocaleString("en-US", { maximumFractionDigits: 1 }) + " k";
    return count(n);
}
/** How numbers of people about `n` that are known to `half` are said, and their unit: as many digits as that has two of. */
function byError(n, half) {
    const size = Math.max(Math.abs(n), half);
    const [scale, unit] = size >= 1e6 ? [1e6, " M"] : size >= 1e4 ? [1e3, " k"] : [1, ""];
    const decimals = Math.max(0, Math.min(unit ? 4 : 0, 1 - Math.floor(Math.log10(half / scale))));
    return [(x) => (x / scale).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }), unit];
}
/** A number of people with half of its interval. */
function withHalf(n, half) {
    if (!(half > 0)) return people(n);
    const [said, unit] = byError(n, half);
    return `${said(n)} ± ${said(half)}${unit}`;
}
/** A number of anything with half of its interval. */
function within(x, half) {
    if (!(half > 0) || Math.max(Math.abs(x), half) >= 1e4) return half > 0 ? withHalf(x, half) : number(x);
    const decimals = Math.max(0, Math.min(9, 1 - Math.floor(Math.log10(half))));
    const said = (x) => x.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
    return `${said(x)} ± ${said(half)}`;
}
/** A difference of people, and its interval. */
function changeWithin({ difference, low, high }) {
    if (!(high > low)) return [UNITS.change(difference), ""];
    const [said, unit] = byError(difference, (high - low) / 2);
    const change = (x) => signed(said(x), x);
    return [change(difference) + unit, `${change(low)} to ${change(high)}${unit}`];
}
/** How many times smaller a variance is; beyond a thousand the figure itself hardly changes. */
function gainSaid(x) { return x == null ? "" : x > 999 ? ">999" : x.toLocaleString("en-US", { maximumSignificantDigits: 3 }); }
function percent(x) { return (100 * x).toLocaleString("en-US", { maximumFractionDigits: 1 }) + " %"; }
/** A number of anything. */
function number(x) { return Math.abs(x) >= 1e4 ? people(x) : x.toLocaleString("en-US", { maximumSignificantDigits: 4 }).replace("-", "−"); }
/** With a sign, unless it is zero in the digits shown. */
function signed(text, x) {
    if (!/[1-9]/.test(text)) return text.replace("-", "");
    return x > 0 ? "+" + text : text.replace("-", "−");
}
/** How values of a kind are said; `change` is a difference of people, `points` one of shares. */
const UNITS = { people, share: percent, number, change: (x) => signed(people(x), x), points: (x) => signed((100 * x).toLocaleString("en-US", { maximumFractionDigits: 2 }), x) + " pp" };
/** The kind that a difference of values is of. */
const CHANGE = { people: "change", share: "points", number: "number" };
function said(value, unit) { return value == null ? "none" : UNITS[unit](value); }

/** An element; strings become text. */
function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value != null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children);
    return made;
}
function table(caption, head, rows) {
    const cell = (tag, content, k, attributes = {}) => {
        const number = Object.hasOwn(Object(content), "number");
        const said = number ? content.number : content;
        // Keys may be broken after their dots.
        const inner = typeof said === "string" ? said.split(/(?<=[a-z][._])/i).flatMap((part, k) => (k > 0 ? [element("wbr"), part] : [part])) : [said];
        return element(tag, { ...attributes, class: number || (tag === "th" && k > 0 && rows[0] && rows[0][k] && rows[0][k].number != null) ? "number" : null }, ...inner);
    };
    return element("table", {},
        ...(caption ? [element("caption", {}, caption)] : []),
        ...(head ? [element("thead", {}, element("tr", {}, ...head.map((h, k) => cell("th", h, k, { scope: "col" }))))] : []),
        element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((c, k) => (k === 0 ? cell("th", c, k, { scope: "row" }) : cell("td", c, k)))))));
}
/** A name in lines of at most about `most` characters, broken at spaces and after the dots and dashes of keys: none is clipped. */
function broken(name, most) {
    const lines = [""];
    for (const part of name.match(/[^ ._]*[ ._]?/g).flatMap((part) => part.match(new RegExp(`.{1,${Math.max(1, most)}}`, "g")) || [])) {
        if (lines[lines.length - 1] && (lines[lines.length - 1] + part).trimEnd().length > most) lines.push("");
        lines[lines.length - 1] += part;
    }
    return lines.map((line) => line.trimEnd()).join("\n");
}
function list(names) { return names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + " and " + names[names.length - 1]; }
function plural(n, one) { return count(n) + " " + one + (n === 1 ? "" : "s"); }

/* Look: colours for every kind of eye, and dashes, so that colour is never alone. */

const DASHES = ["solid", [7, 3], [2, 2], [9, 3, 2, 3]];
const SHAPES = ["circle", "triangle", "rect", "diamond"];
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }
function look(k) { return { color: colour("c" + (k % 8)), dash: DASHES[(k + Math.floor(k / 8)) % 4], shape: SHAPES[(k + Math.floor(k / 8)) % 4] }; }
function swatch(k) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const { dash } = look(k);
    for (const [key, value] of Object.entries({ x1: 0, x2: 28, y1: 6, y2: 6, "stroke-width": 3, "stroke-dasharray": dash === "solid" ? "none" : dash.join(" ") })) line.setAttribute(key, value);
    line.style.stroke = `var(--c${k % 8})`;
    svg.setAttribute("class", "swatch");
    svg.setAttribute("aria-hidden", "true");
    svg.append(line);
    return svg;
}

/** Colours from low to high. */
const VIRIDIS = [...Array(9).keys()].map((k) => colour("v" + k));
