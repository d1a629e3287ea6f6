// Where newcomers come from, how far they get, and what they cost.

const COHORTS_OF_NEWCOMERS = 18;
/** Channels that a chart has room for: those with most new customers. */
const CHANNELS_SHOWN = 12;
/** Where those of a channel are now: each of them once. Without visits only whether they bought is known. */
const CHANNEL_STEPS = [
    ["bought_again", "#004b76", (row) => row.second_orders],
    ["bought_once", COLORS.blue, (row) => row.first_orders - row.second_orders],
    ["came", COLORS.sky, (row) => minus(row.arrived, row.first_orders)],
    ["booked", COLORS.yellow, (row) => minus(row.booked, row.arrived)],
    ["not_booked", COLORS.vermilion, (row) => minus(row.leads, row.booked)],
];
const COHORT_STEPS = [
    ["bought_again", "#004b76", (row) => row.second_orders],
    ["bought_once", COLORS.blue, (row) => row.first_orders - row.second_orders],
    ["open", COLORS.grey, (row) => row.first_orders_open],
    ["not_bought", COLORS.vermilion, (row) => row.leads - row.first_orders - row.first_orders_open],
];

const minus = (whole, part) => (whole == null ? null : whole - part);

const acquisition = () =>
    section("acquisition", ["acquisition_channels", "acquisition_cohorts"], () => {
        const channels = rowsOf("acquisition_channels");
        const cohortRows = rowsOf("acquisition_cohorts");
        const all = [...channels, ...cohortRows];
        const knows = (column) => all.some((row) => row[column] != null);
        return [
            knows("came_without_lead") ? null : note(text("acquisition.no_leads")),
            knows("booked") ? null : note(text("acquisition.no_visits")),
            knows("spend") ? null : note(text("acquisition.no_spend")),
            channels.length > 0 ? byChannel(channels, knows) : note(text("acquisition.young")),
            element("h3", {}, text("acquisition.cohorts")),
            element("p", { class: "quiet" }, text("acquisition.cohorts_reading")),
            knows("came_without_lead") ? stepBars(text("acquisition.cohorts"), cohortRows.slice(-COHORTS_OF_NEWCOMERS), (row) => shortPeriod(row.cohort_period), COHORT_STEPS, false) : null,
            behind([
                table(text("acquisition.cohorts"), [cohortColumn(), ...stepColumns(cohortRows, knows)], [...cohortRows].reverse()),
                knows("spend") ? table(text("acquisition.cohort_costs"), [cohortColumn(), ...costColumns()], [...cohortRows].reverse()) : null,
            ]),
        ];
    });

const channelName = (channel) => (channel == null ? text("channel.none") : textOr(`channel.${channel}`, channel));

const channelColumn = () => textColumn(text("column.channel"), (row) => row.channel ?? "", (_, row) => channelName(row.channel));
const cohortColumn = () => textColumn(text("column.known_in"), (row) => row.cohort_period, period);

const byChannel = (rows, knows) => {
    const [first, last] = [rows.map((row) => row.first_cohort_period).sort()[0], rows.map((row) => row.last_cohort_period).sort().at(-1)];
    const steps = rows.some((row) => row.booked != null) ? CHANNEL_STEPS : COHORT_STEPS.filter(([name]) => name !== "open");
    return [
        element("h3", {}, text("acquisition.channels", { first: period(first), last: period(last) })),
        element("p", { class: "quiet" }, text("acquisition.channels_reading")),
        rows.length > CHANNELS_SHOWN ? element("p", { class: "quiet" }, text("acquisition.cut", { count: CHANNELS_SHOWN })) : null,
        knows("came_without_lead") ? stepBars(text("acquisition.steps"), rows.slice(0, CHANNELS_SHOWN).map((row) => ({ first_orders_open: 0, ...row })), (row) => channelName(row.channel), steps, true) : null,
        table(text("acquisition.title"), [channelColumn(), ...stepColumns(rows, knows)], rows),
        knows("spend") ? costs(rows.filter((row) => row.spend > 0)) : null,
    ];
};

/** The dearest first. Of a channel that has won nobody there is no cost of one. */
const costs = (rows) => {
    const dearest = (some) => [...some].sort((one, other) => (other.cost_per_new_customer ?? Infinity) - (one.cost_per_new_customer ?? Infinity));
    const shown = dearest(rows.slice(0, CHANNELS_SHOWN)).filter((row) => row.cost_per_new_customer != null);
    const name = metricName("cost_per_new_customer");
    return [
        element("h3", {}, name),
        element("p", { class: "quiet" }, text("acquisition.cost_reading")),
        shown.length > 1 ? splitBars(name, shown.map((row) => channelName(row.channel)), [{ name, color: COLORS.blue, values: shown.map((row) => row.cost_per_new_customer) }], money) : null,
        table(name, [channelColumn(), ...costColumns()], dearest(rows)),
    ];
};

/** What share of each row's newcomers are where, in bars of one length: lying, or standing where rows are periods. */
const stepBars = (label, rows, name, steps, isLying) => {
    const parts = steps.map(([key, color, pick]) => ({ name: text(`acquisition.${key}`), color, pick }));
    const shown = rows.filter((row) => row.leads > 0);
    const names = shown.map(name);
    const values = valueAxis((value) => percent(value, 0), { max: 1 });
    const axes = isLying
        ? { xAxis: values, yAxis: categoryAxis(names, { inverse: true, axisLabel: { color: style("--ink"), interval: 0, width: isNarrow() ? 90 : 200, overflow: "truncate" } }) }
        : { xAxis: categoryAxis(names), yAxis: values };
    return [
        legend(parts.map((part) => [part.name, part.color])),
        chart(label, isLying ? 40 + 30 * shown.length : 280, () => ({
            grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
            ...axes,
            tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${percent(point.value)}`)].join("\n"), { trigger: "axis", axisPointer: { type: "shadow" } }),
            series: parts.map(({ name: part, color, pick }) => ({ type: "bar", stack: "all", name: part, color, barMaxWidth: isLying ? 18 : 36, data: shown.map((row) => pick(row) / row.leads) })),
        })),
    ];
};

/** From lead to second order; what no source tells has no column. */
const stepColumns = (rows, knows) => [
    countColumn(text("column.leads"), (row) => row.leads),
    ...(knows("booked") ? [
        countColumn(text("column.booked"), (row) => row.booked),
        countColumn(text("column.arrived"), (row) => row.arrived),
        percentColumn(metricName("arrival_rate"), (row) => shareOf(row.arrived, row.booked)),
        countColumn(text("column.consulted"), (row) => row.consulted),
        countColumn(text("column.consulted_buyers"), (row) => row.consulted_buyers),
        percentColumn(metricName("closing_rate"), (row) => shareOf(row.consulted_buyers, row.consulted)),
    ] : []),
    countColumn(text("column.first_orders"), (row) => row.first_orders),
    percentColumn(text("column.first_order_rate"), (row) => shareOf(row.first_orders, row.leads)),
    countColumn(text("column.second_orders"), (row) => row.second_orders),
    percentColumn(metricName("second_order_rate"), (row) => shareOf(row.second_orders, row.first_orders)),
    ...(knows("booked") ? [countColumn(text("column.consulted_buyers_open"), (row) => row.consulted_buyers_open)] : []),
    ...(rows.some((row) => row.first_orders_open != null) ? [countColumn(text("column.first_orders_open"), (row) => row.first_orders_open)] : []),
    countColumn(text("column.second_orders_open"), (row) => row.second_orders_open),
];

const costColumns = () => [
    moneyColumn(text("column.spend"), (row) => row.spend),
    moneyColumn(metricName("cost_per_lead"), (row) => row.cost_per_lead),
    countColumn(text("column.first_orders"), (row) => row.first_orders),
    moneyColumn(metricName("cost_per_new_customer"), (row) => row.cost_per_new_customer),
    { name: text("column.payback"), value: (row) => row.payback, show: times },
];
