// The period's figures beside those of the period before and the year before.

/** How a figure is shown, and whether more of it is good. */
const METRICS = {
    revenue: { show: money, isGoodUp: true },
    consuming_customers: { show: count, isGoodUp: true },
    average_transaction_value: { show: money, isGoodUp: true },
    new_customers: { show: count, isGoodUp: true },
    retention_rate: { show: percent, isGoodUp: true, isShare: true },
    repurchase_rate: { show: percent, isGoodUp: true, isShare: true },
    visits: { show: count, isGoodUp: true },
    orders: { show: count, isGoodUp: true },
    customers: { show: count, isGoodUp: true },
    active_customers: { show: count, isGoodUp: true },
    active_to_vip_customers: { show: count, isGoodUp: true },
    reactivated_customers: { show: count, isGoodUp: true },
    recalled_customers: { show: count, isGoodUp: true },
    dormant_customers: { show: count, isGoodUp: false },
    lost_customers: { show: count, isGoodUp: false },
    leads: { show: count, isGoodUp: true },
};
const CARDS = 6;
/** Figures of the table that stand out, too: what headquarters asks of its customers. */
const SMALL_CARDS = ["customers", "active_customers", "active_to_vip_customers", "dormant_customers", "lost_customers", "reactivated_customers", "recalled_customers", "leads"];

const headline = () =>
    section("headline", ["headline"], () => {
        const found = new Map(rowsOf("headline").map((row) => [row.metric, row]));
        const rows = Object.keys(METRICS).map((metric) => found.get(metric)).filter((row) => row?.value != null);
        const cards = rows.filter((row) => Object.keys(METRICS).indexOf(row.metric) < CARDS);
        return [
            found.get("consuming_customers")?.value === 0 ? note(text("headline.nobody")) : null,
            snapshot.is_period_end ? null : note(text("headline.open", { day: day(snapshot.previous_as_of) })),
            element("div", { class: "cards" }, cards.map(card)),
            element("div", { class: "cards small" }, rows.filter((row) => SMALL_CARDS.includes(row.metric)).map(card)),
            behind(metricTable(rows)),
        ];
    });

const card = (row) => {
    const { show } = METRICS[row.metric];
    return element("div", { class: "card", "data-metric": row.metric },
        element("div", { class: "name" }, text(`metric.${row.metric}`)),
        element("div", { class: "value", "data-value": row.value }, show(row.value)),
        element("div", { class: "change" }, text("headline.previous"), " ", difference(row, row.previous_value)),
        element("div", { class: "change" }, text("headline.year_before"), " ", difference(row, row.year_before_value)),
    );
};

/** Shares differ by points, all else by a part of what it was. */
const difference = (row, before) => {
    const { isGoodUp, isShare } = METRICS[row.metric];
    if (before == null) return element("span", {}, NONE);
    const moved = isShare ? row.value - before : changeOf(row.value, before);
    return change(moved, isShare ? points : percent, isGoodUp);
};

const metricTable = (rows) => {
    const shown = (pick) => (row) => pick(row);
    const column = (name, pick) => ({ name, value: shown(pick), show: (value, row) => METRICS[row.metric].show(value) });
    const against = (name, pick) => ({ name, value: (row) => changeOf(row.value, pick(row)), show: (_, row) => difference(row, pick(row)) });
    return table(text("headline.title"), [
        textColumn(text("column.metric"), (row) => row.metric, (metric) => text(`metric.${metric}`)),
        column(text("column.now"), (row) => row.value),
        column(text("column.previous"), (row) => row.previous_value),
        against(text("column.to_previous"), (row) => row.previous_value),
        column(text("column.year_before"), (row) => row.year_before_value),
        against(text("column.to_year_before"), (row) => row.year_before_value),
    ], rows);
};
