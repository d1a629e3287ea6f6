// Which life stages customers were in when the period opened, and where they went.

/** Whoever stays where he was would hide those who moved. */
let isEveryMoveShown = false;

const stages = () =>
    section("stages", ["stages", "stage_flow"], () => {
        const names = new Map(rowsOf("stages").map((row) => [row.stage, inLanguage(row, "name")]));
        names.set(null, text("stages.unknown"));
        const flow = element("div", {});
        const fill = () => flow.replaceChildren(
            element("div", { class: "tools" }, choice(text("stages.choice"), [[false, text("stages.moved")], [true, text("stages.all")]], isEveryMoveShown, (all) => {
                isEveryMoveShown = all;
                fill();
            })),
            sankey(names, rowsOf("stage_flow").filter((row) => isEveryMoveShown || row.from_stage !== row.to_stage)),
        );
        fill();
        return [stageTable(), flow, behind(flowTable(names))];
    });

const stageTable = () =>
    table(text("stages.title"), [
        textColumn(text("column.stage"), (row) => row.stage, (_, row) => inLanguage(row, "name")),
        textColumn(text("column.meaning"), (row) => inLanguage(row, "meaning")),
        countColumn(text("column.opening"), (row) => row.opening_customers),
        countColumn(text("column.closing"), (row) => row.customers),
        { name: text("column.change"), value: (row) => row.customers - row.opening_customers, show: signedCount },
        moneyColumn(metricName("window_monetary"), (row) => row.monetary),
    ], rowsOf("stages"));

const sankey = (names, moves) => {
    const node = (side, stage) => `${side}:${stage}`;
    const label = (name) => names.get(name.slice(2)) ?? names.get(null);
    const sides = [["a", "from_stage"], ["b", "to_stage"]];
    const nodes = sides.flatMap(([side, column]) => [...names.keys()].filter((stage) => moves.some((move) => move[column] === stage)).map((stage) => ({
        name: node(side, stage),
        depth: side === "a" ? 0 : 1,
        itemStyle: { color: STAGE_COLORS[stage] ?? COLORS.pink },
        label: { position: side === "a" ? "right" : "left" },
    })));
    return chart(text("stages.chart"), 440, () => ({
        tooltip: tooltip(({ data, name, value }) =>
            data.source ? `${label(data.source)} → ${label(data.target)}  ${count(data.value)}` : `${label(name)}  ${count(value)}`),
        series: [{
            type: "sankey", left: 8, right: 8, top: 8, bottom: 8, nodeGap: 10, layoutIterations: 0, draggable: false,
            data: nodes,
            links: moves.map((move) => ({ source: node("a", move.from_stage), target: node("b", move.to_stage), value: move.customers })),
            label: { color: style("--ink"), textBorderColor: style("--card"), textBorderWidth: 3, formatter: ({ name, value }) => `${label(name)} ${count(value)}` },
            lineStyle: { color: "source", opacity: 0.45 },
            emphasis: { focus: "adjacency" },
        }],
    }));
};

const flowTable = (names) =>
    table(text("stages.flow"), [
        textColumn(text("column.from_stage"), (row) => row.from_stage ?? "", (_, row) => names.get(row.from_stage) ?? row.from_stage),
        textColumn(text("column.to_stage"), (row) => row.to_stage, (stage) => names.get(stage) ?? stage),
        countColumn(text("column.customers"), (row) => row.customers),
        moneyColumn(metricName("window_monetary"), (row) => row.monetary),
    ], rowsOf("stage_flow"));
