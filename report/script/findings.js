// What a manager should look at first: the sharpest falls, by cause; actions that worked or did harm; channels that cost too
// much.

const SHOWN_FINDINGS = 3;
/** So much a branch's customers must have changed for it to be told of. */
const FEWER_CUSTOMERS = -0.1;
/** So many times what a new customer costs elsewhere must a channel's cost for it to be told of, and of so many customers. */
const DEARER = 1.5;
const FEWEST_NEW_CUSTOMERS = 30;

const findings = () =>
    section("findings", ["items_falling", "branch_metrics", "branch_drivers", "action_outcomes", "acquisition_channels"], () =>
        element("div", { class: "findings" },
            finding("traffic", fewerCustomers()),
            finding("conversion", fallingBy("conversion").slice(0, SHOWN_FINDINGS).map(fewerBuyers)),
            finding("price", fallingBy("price").slice(0, SHOWN_FINDINGS).map(lowerPrice)),
            finding("revenue", lessRevenue()),
            findingIfAny("action", clearOutcomes()),
            findingIfAny("channel", dearChannels()),
        ),
    );

const finding = (cause, lines) =>
    element("div", { class: "finding", "data-cause": cause },
        element("h3", {}, text(`findings.${cause}`)),
        lines.length === 0
            ? element("p", { class: "quiet" }, text("findings.none"))
            : element("ol", {}, lines.map((parts) => element("li", {}, parts))),
    );

/** What isn't looked for every period is told of only where it is found. */
const findingIfAny = (cause, lines) => (lines.length > 0 ? finding(cause, lines) : null);

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

/** Those that did harm first. */
const clearOutcomes = () =>
    rowsOf("action_outcomes").filter((row) => row.is_clear)
        .sort((one, other) => (one.uplift_90_days > 0) - (other.uplift_90_days > 0) || Math.abs(other.uplift_90_days) - Math.abs(one.uplift_90_days))
        .slice(0, SHOWN_FINDINGS)
        .map((row) => told(actionName(row), text(`findings.${row.uplift_90_days > 0 ? "worked" : "harmed"}`, {
            returned: percent(shareOf(row.returned_90_days, row.customers), 0), control: percent(shareOf(row.control_returned_90_days, row.control_customers), 0),
            uplift: differenceShown(row.uplift_90_days, row.uplift_90_days_low, row.uplift_90_days_high, (value) => signedPoints(value, 0)),
        })));

const dearChannels = () =>
    rowsOf("acquisition_channels")
        .filter((row) => row.cost_ratio >= DEARER && row.cost_ratio_low > 1 && row.first_orders >= FEWEST_NEW_CUSTOMERS)
        .sort((one, other) => other.cost_ratio - one.cost_ratio)
        .slice(0, SHOWN_FINDINGS)
        .map((row) => told(channelName(row.channel), text("findings.cost", {
            cost: money(row.cost_per_new_customer), others: money(row.other_cost_per_new_customer), ratio: times(row.cost_ratio), spend: money(row.spend),
        })));

const itemAt = (row) => text("findings.at", { item: row.name ?? row.item_id, branch: branchName(row.branch_id) });

const told = (subject, sentence) => [element("b", {}, subject), text("list.colon"), sentence];
