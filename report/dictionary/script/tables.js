// The tables: those that are published, those on the way, and what all of them are made of.

const allLabels = (name) => Object.values(labels.get(name) ?? {}).join(" ");

const columnLine = [
    [() => text("column.column"), (column) => [code(column.name), labels.has(column.name) ? element("span", { class: "label" }, labels.get(column.name)[language]) : null]],
    [() => text("column.type"), (column) => [code(column.type), column.nullable ? element("span", { class: "label short quiet" }, text("column.nullable")) : null]],
    [() => text("column.unit"), (column) => column.unit ?? "", "text unit"],
    [() => text("column.meaning"), (column) => column.description, "text wide"],
];

/** A published table. */
const publishedTable = (table) => {
    const { shown, lines } = list(`${table.name}${text("list.colon")}${text("column.columns")}`, columnLine.map(([name, ...rest]) => [name(), ...rest]), table.columns, { words: (column) => allLabels(column.name) });
    const place = element("article", { id: table.name, "data-table": table.name },
        element("h3", { tabindex: "-1" }, code(table.name), table.is_own ? element("span", { class: "badge" }, text("tables.own")) : null),
        element("p", {}, table.description),
        element("dl", {},
            term("tables.grain", table.grain.flatMap((column, at) => (at === 0 ? [code(column)] : [text("list.comma"), code(column)]))),
            table.reads.length > 0 ? term("tables.reads", tableLinks(table.reads)) : null,
            readers.has(table.name) ? term("tables.readers", tableLinks(readers.get(table.name))) : null,
            (table.metrics ?? []).length > 0 ? term("tables.metrics", metricLinks(table.metrics)) : null,
            table.file ? term("tables.file", code(table.file)) : null,
        ),
        document.getElementById(`picture-${table.name}`) ? element("p", { class: "to-picture" }, element("a", { href: `#picture-${table.name}`, onclick: () => pointAt(table.name) }, text("tables.picture"))) : null,
        shown,
    );
    return group(place, `${table.name} ${table.description}`, lines);
};

const term = (key, said) => element("div", {}, element("dt", {}, text(key)), element("dd", {}, said));

const metricLinks = (all) => all.flatMap((metric, at) => [at === 0 ? "" : text("list.comma"), element("a", { href: `#metric-${metric.name}` }, metric.label[language])]);

const published = () => section("tables", element("p", { class: "contents" }, tableLinks(tables.map(({ name }) => name))), tables.map(publishedTable));

const between = () => {
    const { shown, lines } = list(text("between.title"), [
        [text("column.table"), (table) => code(table.name)],
        [text("tables.grain"), (table) => table.grain.join(text("list.comma")), "text unit"],
        [text("column.meaning"), (table) => table.description, "text wide"],
        [text("tables.reads"), (table) => tableLinks(table.reads), "text wide"],
    ], intermediate, { id: (table) => table.name });
    return group(section("between", shown), "", lines);
};

const input = (table) => {
    const { shown, lines } = list(`${table.name}${text("list.colon")}${text("column.columns")}`, [
        [text("column.column"), (column) => code(column.name)],
        [text("column.type"), (column) => text(`input.${column.type}`)],
        [text("input.presence"), (column) => (column.required ? text("input.required") : column.default ? [text("input.default"), code(column.default)] : text("input.optional"))],
        [text("input.words"), (column) => column.words.flatMap((word, at) => (at === 0 ? [code(word)] : [text("list.comma"), code(word)])), "text wide"],
    ], table.columns);
    return group(element("article", { id: table.name, "data-table": table.name },
        element("h3", { tabindex: "-1" }, code(table.name), " ", element("span", { class: "quiet" }, text(`entity.${table.entity}`))),
        readers.has(table.name) ? element("dl", {}, term("tables.readers", tableLinks(readers.get(table.name)))) : null,
        shown), `${table.name} ${text(`entity.${table.entity}`)}`, lines);
};

const given = () => {
    const { shown, lines } = list(text("given.seeds"), [
        [text("column.table"), (seed) => code(seed.name)],
        [text("tables.file"), (seed) => code(seed.file)],
        [text("tables.readers"), (seed) => tableLinks(readers.get(seed.name) ?? []), "text wide"],
    ], seeds, { id: (seed) => seed.name });
    return section("given", inputs.map(input), group(element("div", {}, element("h3", {}, text("given.seeds")), shown), "", lines));
};
