/* A study: its figures, as its manifest has them. */

function studyFigures(into) {
    data.manifest.figures.forEach((f) => ({ bars: studyBars, lines: studyLines, map: studyMap })[f.plot.kind](f, into));
}

function studyBars({ name, title, text, plot }, into) {
    const bars = new Map(plot.bars.map((bar) => [bar.name, { value: bar.value, low: bar.interval[0], high: bar.interval[1] }]));
    barFigure({ id: name, title, text, head: "", unit: plot.unit, names: [...bars.keys()], kinds: [""], drawn: [""], of: (bar) => bars.get(bar), called: () => title }, into);
}

function studyLines({ name, title, text, plot }, into) {
    const places = plot.what ? levelsAlong(plot.what, plot.along) : datesAlong(plot.along, true);
    const lines = plot.lines.map((line, k) => ({
        name: line.name, k, on: true, values: line.values, ...(line.band[0].length ? { bands: [line.band] } : {}),
        points: line.points.map(([at, value]) => ({ at: places.places[at], date: plot.along[at], people: value, measured: true })),
    }));
    lineFigure({ id: name, title, text, unit: plot.unit, along: places, lines: () => lines, tall: lines.length > 4 }, into);
}

function studyMap({ name, title, text, plot }, into) {
    mapFigure({ id: name, title, text, factors: plot.factors, levels: plot.levels, cell: (i, j) => plot.cells[j][i] }, into);
}
