// A section: what it shows, how to read it, and where each number comes from.

const note = (said) => element("p", { class: "note" }, said);

/** A section of figures. `build` returns its content; what it lacks is said, and without any rows it isn't built. */
const section = (id, names, build) => {
    const missing = missingOf(names);
    const isEmpty = names.every((name) => rowsOf(name).length === 0);
    return element(
        "section",
        { id, "aria-labelledby": `${id}-title` },
        element("h2", { id: `${id}-title` }, text(`${id}.title`)),
        element("p", { class: "quiet" }, text(`${id}.reading`)),
        missing.length > 0 ? note(text("section.missing", { tables: missing.join(text("list.comma")) })) : null,
        !isEmpty ? build() : missing.length === 0 ? note(text("section.empty")) : null,
        source(id, names),
    );
};

/** The definition of a section's numbers and the queries that give them. */
const source = (id, names) =>
    element(
        "details",
        { class: "source" },
        element("summary", {}, text("section.source")),
        element("p", {}, text(`${id}.definition`)),
        names.map((name) => element("pre", { "data-figure": name, tabindex: "0" }, figures[name].sql)),
    );

/** A table that stands behind a chart. */
const behind = (shown, name = text("section.table")) => element("details", { class: "behind" }, element("summary", {}, name), shown);
