// Tables: sorted by a click on a column's head, searched, and cut to what can be taken in.

const CUT = 20;
const SHOWN_FIRST = 10;
const SHOWN_LAST = 5;

/**
 * A table. A column is {name, value: (row) => raw, show: (raw, row) => text or element, kind: "text" | "wide"}; the first
 * one heads its row.
 */
const table = (caption, columns, rows, { isSearched = false } = {}) => {
    const state = { by: null, isDescending: true, sought: "", isWhole: false };
    const body = element("tbody");
    const heads = columns.map((column) => head(column, state, () => fill()));
    const fill = () => {
        const found = sortedBy(state, columns, rows.filter((row) => holds(columns, row, state.sought)));
        const isCut = !state.isWhole && !state.sought && found.length > CUT;
        const lines = isCut ? cut(columns, found) : found.map((row) => line(columns, row));
        const isNoName = state.sought && found.length === 0;
        body.replaceChildren(...(isNoName ? [notice(columns, text("table.none"))] : lines));
        more.hidden = found.length <= CUT || state.sought !== "";
        more.textContent = state.isWhole ? text("table.fewer") : text("table.all", { count: count(found.length) });
        heads.forEach((cell, at) => mark(cell, state, at));
    };
    const more = element("button", { type: "button", class: "more", onclick: () => { state.isWhole = !state.isWhole; fill(); } });
    const seek = (event) => { state.sought = event.target.value.trim().toLowerCase(); fill(); };
    const search = element("input", { type: "search", placeholder: text("table.search"), "aria-label": text("table.search"), oninput: seek });
    const shown = element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, heads)), body);
    columns.forEach((column, at) => { heads[at].addEventListener("click", () => sort(state, at, fill)); });
    fill();
    return element(
        "div",
        { class: "table" },
        isSearched && rows.length > CUT ? element("div", { class: "tools" }, search) : null,
        element("div", { class: "scroll tall", tabindex: "0", role: "group", "aria-label": caption }, shown),
        more,
    );
};

const head = (column) =>
    element(
        "th",
        { scope: "col", class: column.kind ? "text" : null },
        element("button", { type: "button" }, column.name),
    );

const sort = (state, at, fill) => {
    state.isDescending = state.by === at ? !state.isDescending : true;
    state.by = at;
    fill();
};

const mark = (cell, state, at) => {
    if (state.by === at) cell.setAttribute("aria-sort", state.isDescending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
};

/** What is not known stands last, whichever way. */
const sortedBy = (state, columns, rows) => {
    if (state.by == null) return rows;
    const { value } = columns[state.by];
    const compare = (one, other) => {
        const [a, b] = [value(one), value(other)];
        if (a == null || b == null) return (a == null) - (b == null);
        const order = typeof a === "string" ? a.localeCompare(b) : a - b;
        return state.isDescending ? -order : order;
    };
    return [...rows].sort(compare);
};

const holds = (columns, row, sought) =>
    !sought || columns.some((column) => column.kind && String(column.show(column.value(row), row)).toLowerCase().includes(sought));

const line = (columns, row) =>
    element(
        "tr",
        {},
        columns.map((column, at) => {
            const value = column.value(row);
            const kind = column.kind === "wide" ? "text wide" : column.kind;
            const attributes = { class: kind, "data-value": value ?? "" };
            return element(at === 0 ? "th" : "td", at === 0 ? { scope: "row", ...attributes } : attributes, column.show(value, row));
        }),
    );

const cut = (columns, rows) => {
    const left = rows.length - SHOWN_FIRST - SHOWN_LAST;
    const gap = notice(columns, text("table.left", { count: count(left) }));
    const lines = (part) => part.map((row) => line(columns, row));
    return [...lines(rows.slice(0, SHOWN_FIRST)), gap, ...lines(rows.slice(-SHOWN_LAST))];
};

/** A line of words in place of rows. */
const notice = (columns, words) => element("tr", { class: "cut" }, element("td", { colspan: columns.length }, words));

/** Columns as most figures have them. */
const textColumn = (name, value, show = (raw) => raw ?? NONE) => ({ name, value, show, kind: "text" });
const countColumn = (name, value) => ({ name, value, show: count });
const moneyColumn = (name, value) => ({ name: `${name}${text("unit.in", { unit: currencyName() })}`, value, show: amount });
const percentColumn = (name, value) => ({ name, value, show: (raw) => percent(raw) });
const changeColumn = (name, value) => ({ name, value, show: (raw) => change(raw, percent) });
