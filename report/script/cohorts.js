// Who of those that first came in a period came in each period since, and what they have brought.

/** Cohorts and ages that are shown at once: more would be too small to read. */
const COHORTS_SHOWN = 18;
const AGES_SHOWN = 12;

const cohortsOf = (rows) => {
    const found = new Map();
    for (const row of rows) found.set(row.cohort_period, [...(found.get(row.cohort_period) ?? []), row]);
    return found;
};

const cohorts = () =>
    section("cohorts", ["cohorts"], () => {
        const all = [...cohortsOf(rowsOf("cohorts")).values()];
        const place = element("div", {});
        const fill = (isWhole) => {
            const isCut = all.length > COHORTS_SHOWN;
            const more = element("button", { type: "button", class: "more", onclick: () => fill(!isWhole) }, text(isWhole ? "cohorts.fewer" : "cohorts.all"));
            place.replaceChildren(heatmap(isWhole ? all : all.slice(-COHORTS_SHOWN), isWhole ? Infinity : AGES_SHOWN), isCut ? more : "");
        };
        fill(false);
        return place;
    });

/** As a table, for it is one: each cell coloured by its share. */
const heatmap = (all, oldest) => {
    const ages = Math.min(oldest, Math.max(...all.map((rows) => rows.length - 1)));
    const shares = all.flatMap((rows) => rows.slice(1).map((row) => row.retained_customers / row.customers));
    const highest = Math.max(0.01, ...shares);
    const heads = Array.from({ length: ages }, (_, at) => element("th", { scope: "col" }, text("cohorts.age", { age: at + 1 })));
    const body = all.map((rows) => element("tr", {},
        element("th", { scope: "row" }, period(rows[0].cohort_period)),
        element("td", { "data-value": rows[0].customers }, count(rows[0].customers)),
        Array.from({ length: ages }, (_, at) => cohortCell(rows[at + 1], highest)),
    ));
    return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": text("cohorts.title") },
        element("table", { class: "cohorts" },
            element("caption", {}, text("cohorts.caption")),
            element("thead", {}, element("tr", {}, element("th", { scope: "col" }, text("column.cohort")), element("th", { scope: "col" }, metricName("first_timers")), heads)),
            element("tbody", {}, body),
        ),
    );
};

const cohortCell = (row, highest) => {
    if (row == null) return element("td");
    const share = row.customers > 0 ? row.retained_customers / row.customers : null;
    const isOpen = !snapshot.is_period_end && row.activity_period === snapshot.period;
    const cell = element("td", { class: isOpen ? "open" : null, "data-value": row.retained_customers, title: `${count(row.retained_customers)} / ${count(row.customers)}` }, percent(share, 0));
    cell.style.background = `color-mix(in srgb, var(--heat) ${Math.round((100 * (share ?? 0)) / highest)}%, var(--card))`;
    return cell;
};

/** Curves that are told apart at a glance. */
const CURVES_SHOWN = 6;

const valueCurve = () =>
    section("value_curve", ["cohorts"], () => {
        const all = [...cohortsOf(rowsOf("cohorts")).values()].filter((rows) => rows.length > 1);
        // The oldest, the newest and those between them, evenly.
        const curves = Math.min(CURVES_SHOWN, all.length);
        const shown = Array.from({ length: curves }, (_, at) => all[Math.round((at * (all.length - 1)) / Math.max(1, curves - 1))]);
        if (curves === 0) return note(text("section.empty"));
        const colors = [COLORS.blue, COLORS.vermilion, COLORS.green, COLORS.pink, COLORS.orange, COLORS.sky];
        const dashes = ["solid", "dashed", "dotted", "solid", "dashed", "dotted"];
        const longest = Math.max(...shown.map((rows) => rows.length));
        const series = shown.map((rows, at) => ({ name: period(rows[0].cohort_period), values: rows.map((row) => row.revenue_per_customer), color: colors[at], dash: dashes[at] }));
        return [
            legend(series.map(({ name, color }) => [name, color])),
            lines(text("value_curve.title"), Array.from({ length: longest }, (_, age) => text("cohorts.age", { age })), series, money, 280),
            behind(curveTable(all)),
        ];
    });

const curveTable = (all) => {
    const longest = Math.max(...all.map((rows) => rows.length));
    const ages = [0, 1, 2, 3, 6, 12, 24].filter((age) => age < longest);
    return table(text("value_curve.title"), [
        textColumn(text("column.cohort"), (rows) => rows[0].cohort_period, period),
        countColumn(metricName("first_timers"), (rows) => rows[0].customers),
        ...ages.map((age) => moneyColumn(text("cohorts.age", { age }), (rows) => rows[age]?.revenue_per_customer)),
    ], all);
};
