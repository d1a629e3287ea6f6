// Lists of what there is: sections, and tables whose lines can be sought.

const code = (said) => element("code", {}, said);

/** A table's name, as a link where the page tells of it. */
const tableLink = (name) => (told.has(name) ? element("a", { href: `#${name}` }, code(name)) : code(name));

/** Names of tables, one after the other. */
const tableLinks = (names) => names.flatMap((name, at) => (at === 0 ? [tableLink(name)] : [text("list.comma"), tableLink(name)]));

const section = (id, ...content) =>
    element("section", { id, "aria-labelledby": `${id}-title` },
        element("h2", { id: `${id}-title` }, text(`${id}.title`)),
        element("p", { class: "quiet" }, text(`${id}.reading`)),
        ...content,
    );

/**
 * Lines of a table, the first cell of each heading it. A column is [name, (row) => content, class]; `words` says by what
 * else than its own text a row is found. Returns the table and its lines.
 */
const list = (caption, columns, rows, { id = () => null, words = () => "" } = {}) => {
    const lines = rows.map((row) => {
        const cells = columns.map(([, show, kind], at) =>
            element(at === 0 ? "th" : "td", { class: kind ?? "text", ...(at === 0 ? { scope: "row", tabindex: "-1" } : {}) }, show(row)));
        const place = element("tr", { id: id(row) }, cells);
        return { place, words: `${place.textContent} ${words(row)}` };
    });
    const heads = columns.map(([name]) => element("th", { scope: "col", class: "text" }, name));
    const shown = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
        element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, heads)), element("tbody", {}, lines.map(({ place }) => place))));
    return { shown, lines };
};

/** A label in the reader's language, then in the others. */
const inAllLanguages = (label) =>
    [language, ...LANGUAGES.filter((tag) => tag !== language)].map((tag) =>
        element("span", { lang: tag, class: tag === language ? "label" : "label quiet" }, label[tag]));
