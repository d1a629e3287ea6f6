// What the page tells: the figures' rows, and the snapshot that they are of.

const { snapshot, figures, metrics } = island("data");

/** The rows of a figure as objects; none if a table is missing. */
const rowsOf = (name) => {
    const { columns, rows } = figures[name];
    return (rows ?? []).map((row) => Object.fromEntries(row.map((value, at) => [columns[at], value])));
};

/** The tables that a figure needs and the snapshot doesn't have. */
const missingOf = (names) => [...new Set(names.flatMap((name) => figures[name].missing ?? []))].sort();

const sum = (rows, column) => rows.reduce((total, row) => total + (row[column] ?? 0), 0);

/** value over before, less 1; null where that says nothing. */
const changeOf = (value, before) => (value == null || !(before > 0) ? null : value / before - 1);

/** A part of a whole; null where either is unknown or there is no whole. */
const shareOf = (part, whole) => (part == null || !(whole > 0) ? null : part / whole);

const branchNames = new Map(rowsOf("branches").map((row) => [row.branch_id, row.name]));
const namesakes = (name) => [...branchNames.values()].filter((other) => other === name).length;
/** How a branch is called: by its name, with its id where others have the name too; by its id if it has none. */
const branchName = (id) => {
    const name = branchNames.get(id);
    return name == null ? id : sharedNames.has(name) ? `${name} (${id})` : name;
};
const sharedNames = new Set([...branchNames.values()].filter((name) => namesakes(name) > 1));
