// Whom to look after: VIPs by tier, and at each branch those who have paid for sessions that they have not had.

const vips = () =>
    section("vips", ["vips", "branch_care"], () => {
        const tiers = rowsOf("vips");
        const branches = rowsOf("branch_care");
        return [
            tiers.length > 0 ? tierTable(tiers) : note(text("vips.none")),
            element("h3", {}, text("vips.branches")),
            element("p", { class: "quiet" }, text("vips.branches_reading")),
            careTable(branches, tiers.length > 0),
        ];
    });

const tierTable = (rows) => {
    const all = sum(rows, "customers");
    return table(text("vips.tiers"), [
        textColumn(text("column.tier"), (row) => row.vip_tier),
        countColumn(text("column.opening"), (row) => row.opening_customers),
        countColumn(text("column.closing"), (row) => row.customers),
        { name: text("column.change"), value: (row) => row.customers - row.opening_customers, show: signedCount },
        percentColumn(text("column.share_of_vips"), (row) => row.customers / all),
        percentColumn(text("column.active_share"), (row) => (row.customers > 0 ? row.active_customers / row.customers : null)),
        moneyColumn(metricName("window_monetary"), (row) => row.monetary),
    ], rows);
};

/** Without a policy of tiers nobody is a VIP. */
const careTable = (rows, hasTiers) =>
    table(text("vips.branches"), [
        textColumn(text("column.branch"), (row) => row.branch_id, branchName),
        ...(hasTiers ? [
            countColumn(metricName("vip_customers"), (row) => row.vip_customers),
            percentColumn(text("column.active_share"), (row) => (row.vip_customers > 0 ? row.active_vip_customers / row.vip_customers : null)),
        ] : []),
        countColumn(text("column.session_customers"), (row) => row.session_customers),
        countColumn(metricName("sessions_owed"), (row) => row.sessions_left),
        countColumn(text("column.silent_customers"), (row) => row.silent_customers),
        countColumn(text("column.silent_sessions"), (row) => row.silent_sessions),
    ], rows, { isSearched: true });
