// How many first-timers come a second time, how soon, and where they don't.

const RETURNS = [
    ["within_30", COLORS.blue, (row) => row.returned_30_days],
    ["within_60", COLORS.sky, (row) => row.returned_60_days - row.returned_30_days],
    ["within_90", COLORS.green, (row) => row.returned_90_days - row.returned_60_days],
    ["later", COLORS.yellow, (row) => row.returned_later],
    ["open", COLORS.grey, (row) => row.still_open],
    ["never", COLORS.vermilion, (row) => row.never_returned],
];
const PERIODS_SHOWN = 18;

const secondVisit = () =>
    section("second_visit", ["second_visit", "second_visit_branches"], () => {
        const rows = rowsOf("second_visit");
        const named = RETURNS.map(([name, color, pick]) => ({ name: text(`second_visit.${name}`), color, pick }));
        return [
            legend(named.map(({ name, color }) => [name, color])),
            returnBars(rows.slice(-PERIODS_SHOWN), named),
            behind(table(text("second_visit.title"), [
                textColumn(text("column.cohort"), (row) => row.cohort_period, period),
                countColumn(metricName("first_timers"), (row) => row.first_timers),
                ...named.map(({ name, pick }) => countColumn(name, pick)),
                percentColumn(metricName("returned_90_days_rate"), (row) => row.returned_90_days / row.first_timers),
            ], [...rows].reverse())),
            element("h3", {}, text("second_visit.branches")),
            element("p", { class: "quiet" }, text("second_visit.branches_reading")),
            returnsByBranch(rowsOf("second_visit_branches")),
        ];
    });

/** Of few first-timers a share says little: those stand first who lose most beyond the chain's share. */
const returnsByBranch = (rows) => {
    const share = sum(rows, "not_returned_90_days") / sum(rows, "first_timers");
    const beyond = (row) => row.not_returned_90_days - share * row.first_timers;
    return table(text("second_visit.branches"), [
        textColumn(text("column.branch"), (row) => row.branch_id, branchName),
        countColumn(metricName("first_timers"), (row) => row.first_timers),
        countColumn(text("column.not_returned"), (row) => row.not_returned_90_days),
        percentColumn(text("column.not_returned_share"), (row) => row.not_returned_90_days / row.first_timers),
        { name: text("column.beyond_share"), value: beyond, show: signedCount },
    ], [...rows].sort((one, other) => beyond(other) - beyond(one)), { isSearched: true });
};

const returnBars = (rows, parts) =>
    chart(text("second_visit.title"), 280, () => ({
        grid: { left: 8, right: 12, top: 12, bottom: 8, containLabel: true },
        xAxis: categoryAxis(rows.map((row) => shortPeriod(row.cohort_period))),
        yAxis: valueAxis((value) => percent(value, 0), { max: 1 }),
        tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${percent(point.value)}`)].join("\n"), { trigger: "axis", axisPointer: { type: "shadow" } }),
        series: parts.map(({ name, color, pick }) => ({ type: "bar", stack: "all", name, color, barMaxWidth: 36, data: rows.map((row) => pick(row) / row.first_timers) })),
    }));
