// The metrics: what readers call them, how they are worked out, and what must not be added up.

const metricList = () => {
    const { shown, lines } = list(text("metrics.title"), [
        [text("column.metric"), (metric) => [inAllLanguages(metric.label), code(metric.name)]],
        [text("metrics.definition"), (metric) => [metric.description, measure(metric), element("span", { class: "label" }, tableLink(metric.table))], "text wide"],
        [text("metrics.unit"), (metric) => [metric.unit ?? "", element("span", { class: "label" }, text(`metrics.${metric.direction}`))], "text unit"],
        [text("metrics.additive"), (metric) => metric.additive_over.join(text("list.comma")) || text("metrics.not_additive"), "text unit"],
    ], metrics, { id: (metric) => `metric-${metric.name}` });
    return group(section("metrics", shown), "", lines);
};

const measure = (metric) => element("span", { class: "label" }, code(metric.aggregate), metric.per ? [` ${text("metrics.per")}`, code(metric.per)] : null);

const checkList = () => {
    const { shown, lines } = list(text("checks.title"), [
        [text("column.check"), (check) => code(check.name)],
        [text("checks.statement"), (check) => check.statement, "text wide"],
        [text("checks.severity"), (check) => element("span", { class: check.stops_the_run ? "badge stops" : "badge" }, text(check.stops_the_run ? "checks.stops" : "checks.warns"))],
    ], checks, { id: (check) => `check-${check.name}` });
    return group(section("checks", shown), "", lines);
};
