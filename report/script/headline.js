// The period's figures beside those of the period before and the year before.

/** The figures in their order; the first ones are shown large. */
const HEADLINE = [
    "revenue", "consuming_customers", "average_transaction_value", "new_customers", "retention_rate_to_date", "repurchase_rate",
    "visits", "orders", "customers", "active_customers", "active_to_vip_customers", "reactivated_customers", "recalled_customers",
    "dormant_to_date_customers", "lost_to_date_customers", "leads",
];
const CARDS = 6;
/** Figures of the table that stand out, too: what headquarters asks of its customers. */
const SMALL_CARDS = ["customers", "active_customers", "active_to_vip_customers", "dormant_to_date_customers", "lost_to_date_customers", "reactivated_customers", "recalled_customers", "leads"];

const headline = () =>
    section("headline", ["headline"], () => {
        const found = new Map(rowsOf("headline").map((row) => [row.metric, row]));
        const rows = HEADLINE.map((metric) => found.get(metric)).filter((row) => row?.value != null);
        const cards = rows.filter((row) => HEADLINE.indexOf(row.metric) < CARDS);
        return [
            found.get("consuming_customers")?.value === 0 ? note(text("headline.nobody")) : null,
            snapshot.is_period_end ? null : note(text("headline.open", { day: day(snapshot.previous_as_of) })),
            element("div", { class: "cards" }, cards.map(card)),
            element("div", { class: "cards small" }, rows.filter((row) => SMALL_CARDS.includes(row.metric)).map(card)),
            behind(metricTable(rows)),
        ];
    });

const card = (row) =>
    element("div", { class: "card", "data-metric": row.metric },
        element("div", { class: "name" }, metricName(row.metric)),
        element("div", { class: "value", "data-value": row.value }, metricShow(row.metric)(row.value)),
        element("div", { class: "change" }, text("headline.previous"), " ", difference(row, row.previous_value)),
        element("div", { class: "change" }, text("headline.year_before"), " ", difference(row, row.year_before_value)),
    );

const difference = (row, before) => metricChange(row.metric, row.value, before);

const metricTable = (rows) => {
    const shown = (pick) => (row) => pick(row);
    const column = (name, pick) => ({ name, value: shown(pick), show: (value, row) => metricShow(row.metric)(value) });
    const against = (name, pick) => ({ name, value: (row) => changeOf(row.value, pick(row)), show: (_, row) => difference(row, pick(row)) });
    return table(text("headline.title"), [
        textColumn(text("column.metric"), (row) => row.metric, metricName),
        column(text("column.now"), (row) => row.value),
        column(text("column.previous"), (row) => row.previous_value),
        against(text("column.to_previous"), (row) => row.previous_value),
        column(text("column.year_before"), (row) => row.year_before_value),
        against(text("column.to_year_before"), (row) => row.year_before_value),
    ], rows);
};
