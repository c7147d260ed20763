/* Of a comparison of several others with the reference: all of them together. */

/** What each of the others is called, as in the figure for print: its scenario, or where two have one name, its folder. */
function othersNamed() {
    const names = data.others.map((other) => other.scenario.name);
    return new Set(names).size === names.length ? names : data.others.map((other) => other.side.folder);
}

/** Measures of monthly reach on the last day, by other, of a messenger. */
function lastMeasures(messenger) {
    return data.others.map((other) => {
        const of = other.measures.filter((m) => m.measure === "day" && m.column === "monthly_reach" && m.messenger === messenger);
        return of.reduce((last, m) => (last && last.date > m.date ? last : m), null);
    });
}

function jointSaid() {
    const pairs = Math.min(...data.others.map((other) => other.side.pairs));
    return `Differences in monthly reach on the last day, each of the ${count(data.others.length)} others minus ${data.reference.title} (the reference).` +
        (pairs > 1 ? ` The intervals hold for all of the ${count(data.others.length)} comparisons together, with 95 % (Bonferroni): each is wider than that of one comparison alone.` : " With one pair there are no intervals.");
}

/** Bars by other, a figure for each messenger. */
function jointFigures(into) {
    const names = othersNamed();
    const pair = element("div", { class: "pair" });
    messengers.forEach((messenger, k) => {
        const measures = lastMeasures(messenger);
        if (measures.every((m) => m?.difference == null)) return;
        const of = (name) => { const m = measures[names.indexOf(name)]; return { value: m?.difference ?? null, low: m?.low_adjusted ?? null, high: m?.high_adjusted ?? null }; };
        barFigure({ id: `joint-${k}`, title: messenger, text: `Difference in monthly reach on ${words(measures.find((m) => m).date)}, people.`, head: "Other", unit: "change", names, kinds: ["difference"], drawn: ["difference"], of, called: (kind) => kind }, pair);
    });
    into.append(pair);
}
