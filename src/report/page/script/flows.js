/* Who moved: bands between the main apps of one column and those of the next. */

/** Of `names` by index; the last stands for none. `heads` of the columns, `links` of [column, from, to, weight]. */
function sankeyOption({ names, heads, links, nodeSaid, linkSaid }, width) {
    const none = names.length - 1;
    const used = new Set(links.flatMap(([c, from, to]) => [`${c}|${from}`, `${c + 1}|${to}`]));
    const side = Math.min(width < NARROW ? 96 : 120, 22 + 7 * Math.max(...names.map((name) => name.length)));
    const inner = width - 2 * side;
    const shade = (m) => (m === none ? colour("soft") : look(m).color);
    return {
        ...base(),
        title: heads.map((head, c) => ({ text: head, textAlign: "center", left: side + 8 + (inner - 16) * c / (heads.length - 1), top: 0, textStyle: { fontSize: width < NARROW ? 10 : 12, lineHeight: 13, fontWeight: 600, color: colour("ink") } })),
        tooltip: tooltip((p) => element("div", { class: "tip" }, p.dataType === "edge" ? linkSaid(p.data.link) : nodeSaid(p.data.at, p.value))),
        series: [{
            type: "sankey", left: side, right: side, top: width < NARROW ? 34 : 28, bottom: 8, nodeWidth: 14, nodeGap: 14, layoutIterations: 0, draggable: false, emphasis: { focus: "adjacency" },
            data: heads.flatMap((_, c) => names.map((name, m) => [c, name, m])).filter(([c, , m]) => used.has(`${c}|${m}`)).map(([c, name, m]) => ({
                name: `${c}|${m}`, depth: c, at: [c, m], itemStyle: { color: shade(m), borderWidth: 0 },
                label: { show: c === 0 || c === heads.length - 1, position: c === 0 ? "left" : "right", formatter: () => name, color: shade(m), width: side - 14, overflow: "truncate" },
            })),
            links: links.map((link) => {
                const [c, from, to, weight] = link;
                return { source: `${c}|${from}`, target: `${c + 1}|${to}`, value: weight, link, lineStyle: { color: shade(from), opacity: from === to ? 0.22 : 0.5, curveness: 0.5 } };
            }),
            labelLayout: { hideOverlap: true },
        }],
    };
}

/** Of a run: main apps of the followed users on some days. */
function pathFigure(into) {
    const { dates, paths } = data.flows;
    if (!dates || dates.length < 2) return;
    const last = dates.length - 1;
    const chosen = new Set([0, last, Math.round(last / 3), Math.round(2 * last / 3)]);
    const names = [...messengers, "none"];
    const index = (letter) => (letter === "-" ? messengers.length : letter.charCodeAt(0) - 97);
    const total = Object.values(paths).reduce((a, b) => a + b, 0);
    const moves = () => {
        const columns = [...chosen].sort((a, b) => a - b);
        const links = new Map();
        for (const [path, users] of Object.entries(paths)) {
            for (let c = 0; c + 1 < columns.length; c++) {
                const key = [c, index(path[columns[c]]), index(path[columns[c + 1]])].join(" ");
                links.set(key, (links.get(key) || 0) + users);
            }
        }
        return [columns, [...links].map(([key, users]) => [...key.split(" ").map(Number), users])];
    };
    const boxes = dates.map((date, k) => {
        const box = element("input", { type: "checkbox", checked: chosen.has(k) });
        box.addEventListener("change", () => {
            if (box.checked) chosen.add(k); else if (chosen.size > 2) chosen.delete(k); else box.checked = true;
            draw(f);
        });
        return element("label", {}, box, words(date));
    });
    const f = figure({
        id: "flows", title: "Who left what for what", text: `Main app of ${count(total)} users whose path was followed, on the days chosen. A band is those who had the one app on the one day and the other on the next; its width is their number.`,
        controls: [element("fieldset", { class: "choices screen" }, element("legend", {}, "Days"), ...boxes)],
        height: (width) => (width < NARROW ? 380 : 460),
        option: (width) => {
            const [columns, links] = moves();
            const day = (c) => words(dates[columns[c]]);
            return sankeyOption({
                names, links, heads: columns.map((d) => (width < NARROW ? words(dates[d]).replace(/ (\w{3})\w* (\d{4})$/, "\n$1 $2") : words(dates[d]))),
                nodeSaid: ([c, m], users) => `${day(c)}, ${names[m]}: ${count(users)} users, ${percent(users / total)}`,
                linkSaid: ([c, from, to, users]) => `${names[from]} → ${names[to]}, ${day(c)} to ${day(c + 1)}: ${count(users)} users, ${percent(users / total)}`,
            }, width);
        },
        numbers: () => {
            const [columns, links] = moves();
            const rows = links.filter(([, from, to]) => from !== to).sort((a, b) => a[0] - b[0] || b[3] - a[3]);
            return [[`Users who changed, of ${count(total)}.`, ["From", "To", "Left", "For", "Users", "Share"], rows.map(([c, from, to, users]) => [dates[columns[c]], dates[columns[c + 1]], names[from], names[to], { number: count(users) }, { number: percent(users / total) }])]];
        },
    }, into);
}

/** Of a comparison: main apps of the same users at the end of either side. */
function movedFigure(into) {
    const side = view.side;
    if (!side.followed) {
        into.append(element("p", { class: "note" }, "The runs follow no users in common (observe.trace), so who moved is not known."));
        return;
    }
    const names = [...messengers, "none"];
    const links = view.flows.map((f) => [0, names.indexOf(f.from), names.indexOf(f.to), f.users, f.people]);
    const share = (users) => percent(users / side.followed);
    figure({
        id: "moved", title: "Who ends with another main app", text: `The same ${count(side.followed)} followed users on the last day: by their main app in the reference, left, and in the other, right. ${count(side.main_differs)} (${share(side.main_differs)}) end with another main app, ${count(side.holdings_differ)} (${share(side.holdings_differ)}) hold other messengers, ${count(side.vpn_differs)} (${share(side.vpn_differs)}) have a VPN on one side only.`,
        height: (width) => (width < NARROW ? 360 : 440),
        option: (width) => sankeyOption({
            names, links, heads: ["reference", "other"],
            nodeSaid: ([c, m], users) => `${names[m]}, ${c ? "other" : "reference"}: ${count(users)} users, ${share(users)}`,
            linkSaid: ([, from, to, users, stand]) => `${names[from]} → ${names[to]}: ${count(users)} users, ${people(stand)} people`,
        }, width),
        numbers: () => [["Users with another main app in the other than in the reference.", ["In the reference", "In the other", "Users", "Share", "People"], links.filter(([, from, to]) => from !== to).sort((a, b) => b[3] - a[3]).map(([, from, to, users, stand]) => [names[from], names[to], { number: count(users) }, { number: share(users) }, { number: people(stand) }])]],
    }, into);
}
