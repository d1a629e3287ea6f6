// How old the data is, and what of it is missing.

const ENTITIES = ["orders", "visits", "leads"];

const coverage = () =>
    section("coverage", ["coverage"], () => {
        const rows = rowsOf("coverage");
        const branches = rows.filter((row) => row.scope === "branch");
        const lacking = branches.filter((row) => row.verdict !== "ok");
        return [
            element("p", {}, text("coverage.age", { day: day(snapshot.as_of), age: age() }), " ", latest(rows)),
            lacking.length === 0
                ? note(text("coverage.whole", { count: count(new Set(branches.map((row) => row.scope_id)).size) }))
                : lackingNote(lacking),
            behind(
                table(
                    text("coverage.title"),
                    [
                        textColumn(text("column.branch"), (row) => row.scope_id, (id, row) => (row.scope === "chain" ? text("scope.chain") : branchName(id))),
                        textColumn(text("column.entity"), (row) => row.entity, (entity) => textOr(`entity.${entity}`, entity)),
                        textColumn(text("column.verdict"), (row) => row.verdict, (verdict) => textOr(`verdict.${verdict}`, verdict)),
                        textColumn(text("column.last_on"), (row) => row.last_on, day),
                        countColumn(text("column.rows_of_day"), (row) => row.rows_of_day),
                        countColumn(text("column.expected_rows"), (row) => row.expected_rows),
                        countColumn(text("column.row_count"), (row) => row.row_count),
                    ],
                    rows,
                    { isSearched: true },
                ),
            ),
        ];
    });

/** The latest row of each entity. */
const latest = (rows) => {
    const told = rows.filter((row) => row.scope === "chain").map((row) => text("coverage.latest", { entity: textOr(`entity.${row.entity}`, row.entity), day: day(row.last_on) }));
    return text("coverage.latest_of", { told: told.join(text("list.comma")) });
};

/** How many days ago the snapshot's day was, for whoever opens the page later; nothing for made-up days ahead. */
const age = () => {
    const days = Math.floor((Date.now() - Date.parse(`${snapshot.as_of}T24:00:00`)) / 86_400_000);
    return days < 1 ? "" : text("coverage.days", { days: count(days) });
};

/** Branches seldom have visitors every day: `none` and `silent` come first. */
const lackingNote = (rows) => {
    const order = ["none", "silent", "missing", "amounts_high", "amounts_low", "few", "many"];
    const sorted = [...rows].sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict));
    const told = sorted.slice(0, 10).map((row) =>
        element("li", {}, text("coverage.lacking", {
            branch: branchName(row.scope_id), entity: textOr(`entity.${row.entity}`, row.entity),
            verdict: textOr(`verdict.${row.verdict}`, row.verdict), day: day(row.last_on),
        })),
    );
    const branches = count(new Set(rows.map((row) => row.scope_id)).size);
    return element("div", { class: "note bad-ground" }, text("coverage.some", { branches }), element("ul", {}, told));
};
