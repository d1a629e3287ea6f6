// The branches: rank, what each does better or worse than the middle one, and what its change is due to.

/** Branches at each end that the chart shows. */
const SHOWN_AT_EACH_END = 8;
/** So far from the middle branch counts as better or worse. */
const NOTABLE = 0.1;

let comparedTo = "previous";

const metricRows = (metric) => rowsOf("branch_metrics").filter((row) => row.metric === metric);

const branches = () =>
    section("branches", ["branch_metrics", "branch_drivers"], () => [
        branchTable(),
        element("h3", {}, text("drivers.title")),
        element("p", { class: "quiet" }, text("drivers.reading")),
        drivers(),
    ]);

/** A branch's row: its metrics by name, and the split of its change. */
const byBranch = () => {
    const found = new Map();
    for (const row of rowsOf("branch_metrics")) {
        if (!found.has(row.branch_id)) found.set(row.branch_id, { branch_id: row.branch_id });
        found.get(row.branch_id)[row.metric] = row;
    }
    for (const row of driverRows("previous")) if (found.has(row.branch_id)) found.get(row.branch_id).driver = row;
    return [...found.values()].sort((one, other) => (one.revenue.branch_rank ?? Infinity) - (other.revenue.branch_rank ?? Infinity));
};

const branchTable = () => {
    const beside = (metric, show) => ({
        name: metricName(metric),
        value: (row) => row[metric]?.value,
        show: (value, row) => besideMiddle(row[metric], show),
    });
    return table(text("branches.title"), [
        textColumn(text("column.branch"), (row) => row.branch_id, branchName),
        countColumn(text("column.rank"), (row) => row.revenue.branch_rank),
        moneyColumn(metricName("revenue"), (row) => row.revenue.value),
        percentColumn(text("column.share_of_chain"), (row) => row.revenue.share_of_chain),
        changeColumn(text("column.to_previous"), (row) => changeOf(row.revenue.value, row.revenue.previous_value)),
        changeColumn(text("column.to_year_before"), (row) => changeOf(row.revenue.value, row.revenue.year_before_value)),
        textColumn(text("column.cause"), (row) => mainCause(row.driver), (cause) => (cause ? text(`cause.${cause}`) : NONE)),
        countColumn(metricName("consuming_customers"), (row) => row.consuming_customers?.value),
        countColumn(metricName("new_customers"), (row) => row.new_customers?.value),
        beside("average_transaction_value", count),
        beside("retention_rate_to_date", percent),
        beside("repurchase_rate", percent),
    ], byBranch(), { isSearched: true });
};

/** A figure, marked where it is notably better or worse than the middle branch's. */
const besideMiddle = (row, show) => {
    const distance = row == null ? null : changeOf(row.value, row.chain_median);
    if (distance == null || Math.abs(distance) < NOTABLE) return show(row?.value);
    return arrow(distance > 0, show(row.value), metricOf(row.metric).direction);
};

const CAUSES = ["people", "frequency", "price"];

/** The part that weighs most in the direction of the whole change. */
const mainCause = (row) => {
    if (row == null) return null;
    const direction = Math.sign(row.revenue - row.revenue_before);
    const weight = (cause) => direction * row[`${cause}_effect`];
    return direction === 0 ? null : CAUSES.reduce((most, cause) => (weight(cause) > weight(most) ? cause : most));
};

const driverRows = (slot) => rowsOf("branch_drivers").filter((row) => row.compared_to === slot);

const drivers = () => {
    const place = element("div", {});
    const fill = () => {
        const rows = driverRows(comparedTo)
            .map((row) => ({ ...row, change: row.revenue - row.revenue_before }))
            .sort((one, other) => one.change - other.change);
        place.replaceChildren(
            element("div", { class: "tools" }, choice(text("drivers.choice"), [["previous", text("headline.previous")], ["year_before", text("headline.year_before")]], comparedTo, (slot) => {
                comparedTo = slot;
                fill();
            })),
            rows.length === 0 ? note(text("drivers.none")) : driverChart(rows),
            behind(driverTable(rows)),
        );
    };
    fill();
    return place;
};

const driverChart = (rows) => {
    const isCut = rows.length > 2 * SHOWN_AT_EACH_END;
    const shown = isCut ? [...rows.slice(0, SHOWN_AT_EACH_END), ...rows.slice(-SHOWN_AT_EACH_END)] : rows;
    const parts = CAUSES.map((cause, at) => ({ name: text(`cause.${cause}`), color: CAUSE_COLORS[at], values: shown.map((row) => row[`${cause}_effect`]) }));
    const names = shown.map((row) => `${branchName(row.branch_id)}${isNarrow() ? "\n" : "  "}${signedMoney(row.change)}`);
    return element("div", {},
        isCut ? element("p", { class: "quiet" }, text("drivers.cut", { count: SHOWN_AT_EACH_END })) : null,
        legend(parts.map((part) => [part.name, part.color])),
        splitBars(text("drivers.title"), names, parts),
    );
};

const driverTable = (rows) => {
    const total = { branch_id: null, change: sum(rows, "change") };
    for (const cause of CAUSES) total[`${cause}_effect`] = sum(rows, `${cause}_effect`);
    for (const column of ["revenue", "revenue_before"]) total[column] = sum(rows, column);
    return table(text("drivers.title"), [
        textColumn(text("column.branch"), (row) => row.branch_id, (id) => (id == null ? text("drivers.total") : branchName(id))),
        moneyColumn(metricName("revenue"), (row) => row.revenue),
        moneyColumn(text("column.before"), (row) => row.revenue_before),
        moneyColumn(text("column.change"), (row) => row.change),
        ...CAUSES.map((cause) => moneyColumn(text(`cause.${cause}`), (row) => row[`${cause}_effect`])),
    ], [total, ...rows], { isSearched: true });
};
