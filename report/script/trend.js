// The published periods, one after the other.

const TRENDS = ["revenue", "consuming_customers", "average_transaction_value", "retention_rate"];

const trend = () =>
    section("trend", ["trend", "stage_trend"], () => {
        const rows = rowsOf("trend");
        if (rows.length < 2) return note(text("trend.one"));
        // An open period beside whole ones would look like a fall.
        const whole = rows.filter((row) => row.is_period_end);
        const periods = whole.map((row) => row.period);
        return [
            whole.length === rows.length ? null : element("p", { class: "quiet" }, text("trend.open")),
            element("div", { class: "pairs" }, TRENDS.map((metric) =>
                element("div", {},
                    element("h3", {}, metricName(metric)),
                    lines(metricName(metric), periods, [{ name: metricName(metric), values: whole.map((row) => row[metric]), color: COLORS.blue }], metricShow(metric), 190),
                ),
            )),
            missingOf(["stage_trend"]).length === 0 ? [element("h3", {}, text("trend.stages")), stageBars(periods)] : null,
            behind(trendTable(rows)),
        ];
    });

const stageBars = (periods) => {
    const found = new Map(rowsOf("stage_trend").map((row) => [`${row.period} ${row.stage}`, row.customers]));
    const parts = rowsOf("stages").map((row) => ({
        name: inLanguage(row, "name"), color: STAGE_COLORS[row.stage] ?? COLORS.pink,
        values: periods.map((label) => found.get(`${label} ${row.stage}`) ?? 0),
    }));
    return element("div", {},
        legend(parts.map(({ name, color }) => [name, color])),
        chart(text("trend.stages"), 280, () => ({
            grid: { left: 8, right: 12, top: 12, bottom: 8, containLabel: true },
            xAxis: categoryAxis(periods.map(shortPeriod)),
            yAxis: valueAxis(count),
            tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${count(point.value)}`)].join("\n"), { trigger: "axis", axisPointer: { type: "shadow" } }),
            series: parts.map(({ name, color, values }) => ({ type: "bar", stack: "all", name, color, barMaxWidth: 36, data: values })),
        })),
    );
};

const trendTable = (rows) =>
    table(text("trend.title"), [
        textColumn(text("column.period"), (row) => row.period, (label, row) => (row.is_period_end ? period(label) : `${period(label)} ${text("trend.to_date")}`)),
        moneyColumn(metricName("revenue"), (row) => row.revenue),
        countColumn(metricName("customers"), (row) => row.customers),
        countColumn(metricName("consuming_customers"), (row) => row.consuming_customers),
        countColumn(metricName("new_customers"), (row) => row.new_customers),
        moneyColumn(metricName("average_transaction_value"), (row) => row.average_transaction_value),
        percentColumn(metricName("retention_rate"), (row) => row.retention_rate),
        percentColumn(metricName("repurchase_rate"), (row) => row.repurchase_rate),
    ], [...rows].reverse());
