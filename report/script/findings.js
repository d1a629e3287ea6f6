// What a manager should look at first: the sharpest falls, by cause.

const SHOWN_FINDINGS = 3;
/** So much a branch's customers must have changed for it to be told of. */
const FEWER_CUSTOMERS = -0.1;

const findings = () =>
    section("findings", ["items_falling", "branch_metrics", "branch_drivers"], () =>
        element("div", { class: "findings" },
            finding("traffic", fewerCustomers()),
            finding("conversion", fallingBy("conversion").slice(0, SHOWN_FINDINGS).map(fewerBuyers)),
            finding("price", fallingBy("price").slice(0, SHOWN_FINDINGS).map(lowerPrice)),
            finding("revenue", lessRevenue()),
        ),
    );

const finding = (cause, lines) =>
    element("div", { class: "finding", "data-cause": cause },
        element("h3", {}, text(`findings.${cause}`)),
        lines.length === 0
            ? element("p", { class: "quiet" }, text("findings.none"))
            : element("ol", {}, lines.map((parts) => element("li", {}, parts))),
    );

const fewerCustomers = () => {
    const fallen = metricRows("consuming_customers")
        .map((row) => ({ ...row, change: changeOf(row.value, row.previous_value) }))
        .filter((row) => row.change != null && row.change <= FEWER_CUSTOMERS)
        .sort((one, other) => one.value - one.previous_value - (other.value - other.previous_value));
    return fallen.slice(0, SHOWN_FINDINGS).map((row) => {
        const revenue = metricRows("revenue").find((other) => other.branch_id === row.branch_id);
        return told(branchName(row.branch_id), text("findings.customers", {
            before: count(row.previous_value), now: count(row.value), change: signedPercent(row.change, 0),
            revenue: signedMoney(revenue.value - revenue.previous_value),
        }));
    });
};

const fewerBuyers = (row) =>
    told(itemAt(row), text("findings.buyers", {
        before: count(row.previous_buyers), now: count(row.buyers),
        change: signedPercent(row.buyers / row.previous_buyers - 1, 0), revenue: signedMoney(row.revenue - row.previous_revenue),
    }));

const lowerPrice = (row) =>
    told(itemAt(row), text("findings.transaction_value", {
        before: count(row.previous_average_transaction_value), now: count(row.average_transaction_value),
        change: signedPercent((row.average_transaction_value ?? 0) / row.previous_average_transaction_value - 1, 0),
        revenue: signedMoney(row.revenue - row.previous_revenue),
    }));

const lessRevenue = () =>
    driverRows("previous")
        .map((row) => ({ ...row, change: row.revenue - row.revenue_before, cause: mainCause(row) }))
        .filter((row) => row.change < 0)
        .sort((one, other) => one.change - other.change)
        .slice(0, SHOWN_FINDINGS)
        .map((row) => told(branchName(row.branch_id), text("findings.money", {
            change: signedMoney(row.change), share: signedPercent(changeOf(row.revenue, row.revenue_before), 0),
            cause: text(`cause.${row.cause}`), effect: signedMoney(row[`${row.cause}_effect`]),
        })));

const itemAt = (row) => text("findings.at", { item: row.name ?? row.item_id, branch: branchName(row.branch_id) });

const told = (subject, sentence) => [element("b", {}, subject), text("list.colon"), sentence];
