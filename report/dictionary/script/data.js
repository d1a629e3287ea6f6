// What the dictionary tells: tables, inputs, checks, and a pipeline's policy where one was named.

const { dictionary, pipeline, rfmart_version } = island("data");
const { intermediate, inputs, seeds, checks } = dictionary;

/** Facts first: what they are keyed by is looked up behind them. */
const tables = ["fct_", "dim_"].flatMap((prefix) => dictionary.tables.filter(({ name }) => name.startsWith(prefix)));

/** Every metric with its table. */
const metrics = tables.flatMap((table) => (table.metrics ?? []).map((metric) => ({ ...metric, table: table.name })));

/** What a reader calls a column that is a metric, in every language. */
const labels = new Map(metrics.map((metric) => [metric.name, metric.label]));

/** The tables that read each table. */
const readers = new Map();
for (const { name, reads } of [...intermediate, ...tables]) {
    for (const read of reads) readers.set(read, [...(readers.get(read) ?? []), name]);
}

/** Tables that the page tells of: links to others would lead nowhere. */
const told = new Set([...tables, ...intermediate, ...inputs, ...seeds].map(({ name }) => name));
