// What the next year is expected to bring, how likely customers are to still come, and how far to trust it.

/** Of a shorter past a year ahead says little. */
const SHORTEST_HISTORY_DAYS = 365;
const DOUBTS = ["each", "once", "seasons", "sessions", "before"];

const valueToCome = () =>
    section("value_to_come", ["value_segments", "value_stages", "value_alive", "value_model"], () => {
        const [model] = rowsOf("value_model");
        const parts = rowsOf("value_segments");
        const stageRows = rowsOf("value_stages");
        const isTold = (rows) => rows.some((row) => row.expected_value != null);
        return [
            model ? modelNotes(model) : null,
            isTold(parts) ? [expectedBars(parts), expectedTable(text("value_to_come.segments"), segmentColumn(), parts, ["monetary", metricName("window_monetary")])] : null,
            isTold(stageRows) ? [element("h3", {}, text("value_to_come.stages")), element("p", { class: "quiet" }, text("value_to_come.stages_reading")), expectedTable(text("value_to_come.stages"), stageColumn(), stageRows, ["revenue", text("column.lifetime_money")])] : null,
            aliveBands(rowsOf("value_alive")),
            model ? trust(model) : null,
        ];
    });

/** What keeps the figures from being there, or from being believed. */
const modelNotes = (model) => {
    const told = ["days", "money"].filter((fit) => model[`${fit}_outcome`] !== "fitted")
        .map((fit) => note(text(`value_to_come.${fit}.${model[`${fit}_outcome`]}`, { count: count(fit === "days" ? model.returned_customers : model.returned_payers) })));
    const isShort = model.days_outcome === "fitted" && model.history_days < SHORTEST_HISTORY_DAYS;
    return isShort ? [...told, note(text("value_to_come.short", { days: count(model.history_days) }))] : told;
};

const segmentColumn = () => textColumn(text("column.segment"), (row) => row.segment, (code, row) => `${inLanguage(row, "name")} ${code}`);
const stageColumn = () => textColumn(text("column.stage"), (row) => row.stage, (_, row) => inLanguage(row, "name"));

const expectedTable = (caption, head, rows, [column, name]) => {
    const all = sum(rows, "expected_value");
    return table(caption, [
        head,
        countColumn(text("column.customers"), (row) => row.customers),
        countColumn(text("column.returned_customers"), (row) => row.returned_customers),
        countColumn(text("column.alive_customers"), (row) => row.alive_customers),
        moneyColumn(name, (row) => row[column]),
        moneyColumn(metricName("expected_value"), (row) => row.expected_value),
        percentColumn(text("column.share_of_expected"), (row) => shareOf(row.expected_value, all)),
        moneyColumn(text("column.expected_each"), (row) => shareOf(row.expected_value, row.customers)),
        { name: text("column.expected_days"), value: (row) => shareOf(row.expected_days, row.customers), show: (days) => (days == null ? NONE : decimals(days, 1)) },
    ], rows);
};

/** Two bars a row: the money so far, and that to come. */
const expectedBars = (rows) => {
    const series = [
        { name: metricName("window_monetary"), color: COLORS.grey, values: rows.map((row) => row.monetary) },
        { name: metricName("expected_value"), color: COLORS.blue, values: rows.map((row) => row.expected_value) },
    ];
    return pairBars(text("value_to_come.chart"), rows.map((row) => inLanguage(row, "name")), series, axisMoney, money);
};

/** Bars side by side, some for each name; lying where there is no room for the names below them. */
const pairBars = (label, names, series, showAxis, show) => {
    const isLying = isNarrow();
    const values = valueAxis(showAxis, { splitNumber: isLying ? 2 : 4 });
    const named = (more) => categoryAxis(names, { axisLabel: { color: style("--ink"), interval: 0 }, ...more });
    return [
        legend(series.map(({ name, color }) => [name, color])),
        chart(label, isLying ? 40 + 36 * names.length : 260, () => ({
            grid: { left: 8, right: isLying ? 24 : 12, top: 12, bottom: 8, containLabel: true },
            ...(isLying ? { xAxis: values, yAxis: named({ inverse: true }) } : { xAxis: named(), yAxis: values }),
            tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${show(point.value)}`)].join("\n"), { trigger: "axis", axisPointer: { type: "shadow" } }),
            series: series.map(({ name, color, values: data }) => ({ type: "bar", name, color, barMaxWidth: isLying ? 12 : 28, data })),
        })),
    ];
};

const aliveBands = (rows) => {
    if (rows.length === 0) return null;
    const [heads, expected] = [sum(rows, "customers"), sum(rows, "expected_value")];
    const names = rows.map((row) => text(`alive.${row.band}`));
    const series = [
        { name: text("column.share_of_customers"), color: COLORS.grey, values: rows.map((row) => shareOf(row.customers, heads)) },
        ...(expected > 0 ? [{ name: text("column.share_of_expected"), color: COLORS.blue, values: rows.map((row) => shareOf(row.expected_value, expected)) }] : []),
    ];
    return [
        element("h3", {}, text("value_to_come.alive")),
        element("p", { class: "quiet" }, text("value_to_come.alive_reading")),
        pairBars(text("value_to_come.alive"), names, series, (share) => percent(share, 0), percent),
        behind(table(text("value_to_come.alive"), [
            textColumn(text("column.alive"), (row) => text(`alive.${row.band}`)),
            countColumn(text("column.customers"), (row) => row.customers),
            percentColumn(text("column.share_of_customers"), (row) => shareOf(row.customers, heads)),
            moneyColumn(text("column.lifetime_money"), (row) => row.revenue),
            moneyColumn(metricName("expected_value"), (row) => row.expected_value),
            percentColumn(text("column.share_of_expected"), (row) => shareOf(row.expected_value, expected)),
        ], rows)),
    ];
};

/** How it was worked out, and when not to believe it. */
const trust = (model) => [
    element("h3", {}, text("value_to_come.trust")),
    model.days_outcome === "fitted" ? element("p", {}, text("value_to_come.fitted", {
        customers: count(model.customers), returned: count(model.returned_customers), days: decimals(model.days_a_year, 1), lost: percent(model.lost_after_a_day),
    }), model.money_of_a_day == null ? null : [language === "en" ? " " : "", text("value_to_come.fitted_money", { money: money(model.money_of_a_day) })]) : null,
    element("ul", { class: "doubts" }, DOUBTS.map((doubt) => element("li", {}, text(`value_to_come.doubt.${doubt}`)))),
    model.days_outcome === "fitted" ? behind(parameterTable(model), text("value_to_come.parameters")) : null,
];

const parameterTable = (model) =>
    table(text("value_to_come.parameters"), [
        textColumn(text("column.parameter"), (row) => row.name),
        { name: text("column.value"), value: (row) => row.value, show: (shown) => (shown == null ? NONE : decimals(shown, 4)) },
        { name: text("column.meaning"), value: (row) => text(`value_to_come.parameter.${row.name}`), show: (shown) => shown, kind: "wide" },
    ], ["r", "alpha", "a", "b", "p", "q", "v"].map((name) => ({ name, value: model[name] })));
