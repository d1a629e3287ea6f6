// What a metric is called, how its values are shown, and which way is good: as the tables' sidecars define it.

/** On a closing day, a metric that is told to date is that of the whole period. */
const metricOf = (name) => {
    const whole = metrics[name.replace(/_to_date$/, "")];
    return snapshot.is_period_end && whole ? whole : metrics[name];
};

const metricName = (name) => metricOf(name).label[language];

/** Writes a value of the metric. */
const metricShow = (name) => ({ money, share: percent, count })[metricOf(name).format];

/** By how much a value of the metric differs: shares by points, all else by a part of what it was. */
const metricChange = (name, value, before) => {
    if (before == null) return element("span", {}, NONE);
    const { format, direction } = metricOf(name);
    return format === "share" ? change(value - before, points, direction) : change(changeOf(value, before), percent, direction);
};
