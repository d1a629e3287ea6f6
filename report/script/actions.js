// What raises value, and whom to contact this period.

/** Of fewer customers a median says nothing. */
const FEWEST_ACTORS = 10;

const highValue = () =>
    section("high_value", ["high_value_actions", "high_value_rises"], () => {
        const rows = rowsOf("high_value_actions");
        const shown = rows.filter((row) => row.median_lift != null && row.customers >= FEWEST_ACTORS);
        return [
            shown.length < rows.length ? element("p", { class: "quiet" }, text("high_value.few", { count: FEWEST_ACTORS })) : null,
            shown.length > 0 ? splitBars(text("high_value.title"), shown.map(actName), [{ name: metricName("median_lift"), color: COLORS.blue, values: shown.map((row) => row.median_lift) }]) : null,
            table(text("high_value.title"), [
                textColumn(text("column.action"), (row) => row.action, (_, row) => actName(row)),
                countColumn(text("column.customers"), (row) => row.customers),
                countColumn(text("column.like_customers"), (row) => row.like_customers),
                moneyColumn(text("column.median_jump"), (row) => row.median_jump),
                moneyColumn(text("column.like_median_jump"), (row) => row.like_median_jump),
                moneyColumn(metricName("median_lift"), (row) => row.median_lift),
                moneyColumn(text("column.median_amount"), (row) => row.median_amount),
            ], rows),
            rises(rowsOf("high_value_rises")),
        ];
    });

const actName = (row) => textOr(`high_value.${row.action}`, row.action);

/** How many spend more afterwards. */
const rises = (rows) => {
    const shown = rows.filter((row) => row.customers >= FEWEST_ACTORS);
    const interval = (row) => ({ share: row.risen_share, lowest: row.lowest_share, highest: row.highest_share });
    if (rows.length === 0) return null;
    return [
        element("h3", {}, text("high_value.rises")),
        element("p", { class: "quiet" }, text("high_value.rises_reading")),
        shown.length > 0 ? intervalBars(text("high_value.rises"), shown.map(actName), shown.map(interval)) : null,
        table(text("high_value.rises"), [
            textColumn(text("column.action"), (row) => row.action, (_, row) => actName(row)),
            countColumn(text("column.customers"), (row) => row.customers),
            countColumn(text("column.risen"), (row) => row.risen_customers),
            { name: text("column.risen_share"), value: (row) => row.risen_share, show: (_, row) => intervalShown(interval(row)) },
        ], rows),
    ];
};

const actions = () =>
    section("actions", ["actions", "action_branches"], () => {
        const rows = rowsOf("actions");
        return [
            table(text("actions.title"), [
                textColumn(text("column.action"), (row) => row.action, (_, row) => inLanguage(row, "name")),
                countColumn(text("column.customers"), (row) => row.customers),
                moneyColumn(text("column.lifetime_money"), (row) => row.lifetime_monetary),
                { name: text("column.strategy"), value: (row) => inLanguage(row, "strategy"), show: (value) => value, kind: "wide" },
            ], rows),
            element("h3", {}, text("actions.branches")),
            actionTable(rows),
        ];
    });

const actionTable = (actionRows) => {
    const found = new Map();
    for (const { branch_id, action, customers } of rowsOf("action_branches")) {
        if (!found.has(branch_id)) found.set(branch_id, { branch_id, all: 0 });
        const row = found.get(branch_id);
        row[action] = customers;
        row.all += customers;
    }
    return table(text("actions.branches"), [
        textColumn(text("column.branch"), (row) => row.branch_id, branchName),
        countColumn(text("column.all"), (row) => row.all),
        ...actionRows.map((action) => countColumn(inLanguage(action, "name"), (row) => row[action.action] ?? 0)),
    ], [...found.values()].sort((one, other) => other.all - one.all), { isSearched: true });
};
