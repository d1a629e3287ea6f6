// Which items fell, and why: fewer people, fewer of them who buy, or less money of each.

const ITEM_CAUSES = ["traffic", "conversion", "price"];
const ITEMS_SHOWN = 5;

/** What makes an item of a cause stand out: the most negative first. */
const PROMINENCE = {
    traffic: (row) => row.traffic_effect,
    conversion: (row) => row.buyers - row.previous_buyers,
    price: (row) => row.weighed_price_change,
};

const fallingBy = (cause) =>
    rowsOf("items_falling").filter((row) => row.cause === cause).sort((one, other) => PROMINENCE[cause](one) - PROMINENCE[cause](other));

const items = () =>
    section("items", ["items_falling", "items"], () => {
        const isNone = rowsOf("items_falling").length === 0;
        return [
            isNone ? note(text("items.none")) : [legend(partsOf([]).map((part) => [part.name, part.color])), ITEM_CAUSES.map(fallingChart), fallingTable(ITEM_CAUSES.flatMap(fallingBy))],
            behind(itemTable(rowsOf("items")), text("items.chain")),
        ];
    });

const partsOf = (rows) =>
    ITEM_CAUSES.map((cause, at) => ({ name: text(`item_cause.${cause}`), color: CAUSE_COLORS[at], values: rows.map((row) => row[`${cause}_effect`]) }));

const fallingChart = (cause) => {
    const shown = fallingBy(cause).slice(0, ITEMS_SHOWN);
    if (shown.length === 0) return null;
    const heading = text("items.cause", { cause: text(`item_cause.${cause}`) });
    return [element("h3", {}, heading), splitBars(heading, shown.map(itemAt), partsOf(shown))];
};

const fallingTable = (rows) =>
    table(text("items.title"), [
        textColumn(text("column.item"), (row) => row.name ?? row.item_id),
        textColumn(text("column.branch"), (row) => row.branch_id, branchName),
        textColumn(text("column.cause"), (row) => row.cause, (cause) => text(`item_cause.${cause}`)),
        moneyColumn(metricName("revenue"), (row) => row.revenue),
        changeColumn(text("column.to_previous"), (row) => row.revenue / row.previous_revenue - 1),
        countColumn(text("column.buyers"), (row) => row.buyers),
        countColumn(text("column.previous_buyers"), (row) => row.previous_buyers),
        countColumn(text("column.left_buyers"), (row) => row.left_buyers),
        moneyColumn(metricName("average_transaction_value"), (row) => row.average_transaction_value),
        moneyColumn(text("column.previous_transaction_value"), (row) => row.previous_average_transaction_value),
        ...ITEM_CAUSES.map((cause) => moneyColumn(text(`item_cause.${cause}`), (row) => row[`${cause}_effect`])),
    ], rows, { isSearched: true });

const itemTable = (rows) =>
    table(text("items.chain"), [
        textColumn(text("column.item"), (row) => row.name ?? row.item_id),
        textColumn(text("column.department"), (row) => row.department, (department) => (department == null ? NONE : textOr(`department.${department}`, department))),
        moneyColumn(metricName("revenue"), (row) => row.revenue),
        moneyColumn(text("column.previous"), (row) => row.previous_revenue),
        changeColumn(text("column.to_previous"), (row) => changeOf(row.revenue, row.previous_revenue)),
        ...ITEM_CAUSES.map((cause) => moneyColumn(text(`item_cause.${cause}`), (row) => row[`${cause}_effect`])),
    ], [...rows].sort((one, other) => other.revenue - one.revenue), { isSearched: true });
