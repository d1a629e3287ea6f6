// Whether those who were contacted came back because of it.

/** The days after the list within which somebody came back. */
const RETURN_DAYS = [30, 60, 90];
const OUTCOME_COLORS = { higher: COLORS.blue, lower: COLORS.vermilion };

const outcomes = () =>
    section("outcomes", ["action_outcomes"], () => {
        const rows = rowsOf("action_outcomes");
        const shown = rows.filter((row) => row.uplift_90_days != null);
        return [
            basis(rows),
            shown.length > 0 ? [element("h3", {}, text("outcomes.chart")), outcomeLegend(shown), differenceBars(text("outcomes.chart"), shown.map(outcomeBar))] : null,
            doubts(rows),
            outcomeTable(rows),
            behind(returnTable(rows)),
        ];
    });

/** Whose list it is, and what kind of comparison; what is missing for one. */
const basis = (rows) => {
    const listed = text("outcomes.listed", { day: day(rows[0].listed_on) });
    if (rows.some((row) => row.control_group === "held_out")) return element("p", {}, listed, language === "en" ? " " : "", text("outcomes.by_chance"));
    const hasContacts = rows.some((row) => row.contacted != null || row.control_contacted != null);
    return [element("p", {}, listed), note(text(hasContacts ? "outcomes.observed" : "outcomes.alone"))];
};

const outcomeLegend = (rows) => {
    const sides = ["higher", "cannot_tell", "lower"].filter((side) => rows.some((row) => sideOf(row) === side));
    return legend(sides.map((side) => [text(`outcomes.${side}`), OUTCOME_COLORS[side] ?? COLORS.grey]));
};

/** On which side of 0 the interval lies. */
const sideOf = (row) => (row.uplift_90_days_low > 0 ? "higher" : row.uplift_90_days_high < 0 ? "lower" : "cannot_tell");

const outcomeBar = (row) => ({
    name: `${actionName(row)}${isNarrow() ? "\n" : text("list.colon")}${verdictName(row)}`, value: row.uplift_90_days, lowest: row.uplift_90_days_low, highest: row.uplift_90_days_high,
    color: OUTCOME_COLORS[sideOf(row)] ?? COLORS.grey,
});

const actionName = (row) => inLanguage(row, "name") ?? row.action;

/** In words; nobody but those to compare with, if there is none. */
const verdictName = (row) => {
    if (row.verdict == null) return text(`outcome.only_${row.control_group}`);
    return text(`outcome.${row.basis == null ? "" : `${row.basis}.`}${row.verdict}`);
};

const basisName = (row) => (row.basis == null ? NONE : text(`basis.${row.basis}`));

const doubts = (rows) => {
    const found = rows.filter((row) => row.verdict === "doubtful");
    return found.length === 0 ? null : note(text("outcomes.beyond", { actions: found.map(actionName).join(text("list.comma")) }));
};

const outcomeTable = (rows) =>
    table(text("outcomes.title"), [
        textColumn(text("column.action"), (row) => row.action, (_, row) => actionName(row)),
        textColumn(text("column.outcome"), verdictName),
        countColumn(text("column.listed"), (row) => row.listed_customers),
        countColumn(text("column.control"), (row) => row.control_customers),
        countColumn(text("column.contacted"), (row) => row.contacted),
        returnedColumn(text("column.returned"), (row) => row.returned_90_days, (row) => row.customers),
        returnedColumn(text("column.control_returned"), (row) => row.control_returned_90_days, (row) => row.control_customers),
        {
            name: text("column.uplift"), value: (row) => row.uplift_90_days,
            show: (value, row) => differenceShown(value, row.uplift_90_days_low, row.uplift_90_days_high, signedPoints),
        },
        {
            name: `${text("column.revenue_uplift")}${text("unit.in", { unit: currencyName() })}`, value: (row) => row.revenue_uplift,
            show: (value, row) => differenceShown(value, row.revenue_uplift_low, row.revenue_uplift_high, signedCount),
        },
    ], rows);

const returnedColumn = (name, returned, customers) => percentColumn(name, (row) => shareOf(returned(row), customers(row)));

/** A difference with its interval; none where there are too few for one. */
const differenceShown = (value, lowest, highest, show) => {
    if (value == null) return NONE;
    return lowest == null ? show(value) : `${show(value)}${text("unit.interval", { lowest: show(lowest), highest: show(highest) })}`;
};

/** How many came back of each group, by days. */
const returnTable = (rows) =>
    table(text("outcomes.returns"), [
        textColumn(text("column.action"), (row) => row.action, (_, row) => actionName(row)),
        textColumn(text("column.basis"), basisName),
        countColumn(text("column.to_contact"), (row) => row.customers),
        countColumn(text("column.contacted"), (row) => row.contacted),
        countColumn(text("column.reached"), (row) => row.reached),
        ...RETURN_DAYS.map((days) => countColumn(text("outcomes.within", { days }), (row) => row[`returned_${days}_days`])),
        moneyColumn(text("column.each_paid"), (row) => row.revenue_per_customer),
        countColumn(text("column.control"), (row) => row.control_customers),
        countColumn(text("column.control_contacted"), (row) => row.control_contacted),
        ...RETURN_DAYS.map((days) => countColumn(text("outcomes.control_within", { days }), (row) => row[`control_returned_${days}_days`])),
        moneyColumn(text("column.control_paid"), (row) => row.control_revenue_per_customer),
        ...RETURN_DAYS.map((days) => ({
            name: text("outcomes.uplift_within", { days }), value: (row) => row[`uplift_${days}_days`],
            show: (value, row) => differenceShown(value, row[`uplift_${days}_days_low`], row[`uplift_${days}_days_high`], signedPoints),
        })),
    ], rows);

/**
 * Differences with their intervals around zero, a row per name: {name, value, lowest, highest, color}. ECharts stacks
 * what is below zero apart from what is above, so a bar is made of its two sides, each behind what is left free of it.
 */
const differenceBars = (label, bars) =>
    chart(label, 40 + (isNarrow() ? 44 : 30) * bars.length, () => {
        const part = (values, isShown) => ({
            type: "bar", stack: "all", barWidth: 12, silent: !isShown,
            data: bars.map((bar) => ({ value: values(bar), itemStyle: { color: isShown ? bar.color : "transparent" } })),
        });
        const above = (bar) => [Math.max(bar.lowest, 0), Math.max(bar.highest, 0)];
        const below = (bar) => [Math.min(bar.highest, 0), Math.min(bar.lowest, 0)];
        const ends = (side) => [part((bar) => side(bar)[0], false), part((bar) => side(bar)[1] - side(bar)[0], true)];
        const shown = (bar) => differenceShown(bar.value, bar.lowest, bar.highest, signedPoints);
        return {
            grid: { left: 8, right: 24, top: 4, bottom: 8, containLabel: true },
            xAxis: valueAxis((value) => signed(decimals(100 * value, 0), value)),
            yAxis: categoryAxis(bars.map(({ name }) => name), {
                inverse: true, axisLine: { onZero: true, lineStyle: { color: style("--ink") } },
                axisLabel: { color: style("--ink"), interval: 0, width: isNarrow() ? 130 : 320, overflow: "break" },
            }),
            tooltip: tooltip(([{ axisValue, dataIndex }]) => `${axisValue}\n${shown(bars[dataIndex])}`, { trigger: "axis", axisPointer: { type: "shadow" } }),
            series: [
                ...ends(above), ...ends(below),
                {
                    type: "line", data: bars.map(({ value }) => value), symbol: "diamond", symbolSize: 11, lineStyle: { opacity: 0 },
                    itemStyle: { color: style("--ink"), borderColor: style("--card"), borderWidth: 1.5 }, z: 3,
                },
            ],
        };
    });
