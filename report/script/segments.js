// Value segments: the area is their money, beside it how many they are.

const SEGMENT_COLORS = {
    HHH: "#004b76", HLH: "#0072b2", LHH: "#a84a00", LLH: "#7a5200", HHL: "#00694d", HLL: "#4a6a1f", LHL: "#8a3f6d", LLL: "#59616a",
};

/** A smaller part of the money has no room for its name. */
const namedShare = () => (isNarrow() ? 0.1 : 0.03);

const segments = () =>
    section("segments", ["segments"], () => {
        const rows = rowsOf("segments");
        const all = sum(rows, "monetary");
        return [treemap(rows, all), segmentTable(rows, all)];
    });

const treemap = (rows, all) =>
    chart(text("segments.chart"), 340, () => ({
        tooltip: tooltip(({ data }) => [data.name, money(data.value), text("segments.heads", { count: count(data.customers) })].join("\n")),
        series: [{
            type: "treemap", roam: false, nodeClick: false, breadcrumb: { show: false }, left: 0, right: 0, top: 0, bottom: 0,
            itemStyle: { borderColor: style("--card"), borderWidth: 2, gapWidth: 2 },
            label: { color: "#ffffff", fontSize: 14, lineHeight: 20, formatter: ({ data }) => (data.isNamed ? `${data.name}\n${money(data.value)}\n${text("segments.heads", { count: count(data.customers) })}` : "") },
            data: rows.filter((row) => row.monetary > 0).map((row) => ({
                name: inLanguage(row, "name"), value: row.monetary, customers: row.customers, isNamed: row.monetary >= namedShare() * all, itemStyle: { color: SEGMENT_COLORS[row.segment] ?? COLORS.grey },
            })),
        }],
    }));

const segmentTable = (rows, all) => {
    const heads = sum(rows, "customers");
    return table(text("segments.title"), [
        textColumn(text("column.segment"), (row) => row.segment, (code, row) => `${inLanguage(row, "name")} ${code}`),
        countColumn(text("column.customers"), (row) => row.customers),
        percentColumn(text("column.share_of_customers"), (row) => row.customers / heads),
        moneyColumn(metricName("window_monetary"), (row) => row.monetary),
        percentColumn(text("column.share_of_money"), (row) => row.monetary / all),
        { name: text("column.strategy"), value: (row) => inLanguage(row, "strategy"), show: (value) => value, kind: "wide" },
    ], rows);
};
