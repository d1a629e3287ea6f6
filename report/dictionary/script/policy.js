// The policy in force: what holds for the chain, and the rules of departments and items beside it.

/** What is worse than any value there can be, per metric: a cut point there leaves nobody out. */
const IS_WORST = { recency: (cut) => cut >= 9_999_999, frequency: (cut) => cut <= 0, monetary: (cut) => cut <= -9e17 };
const CUT_SHOWN = { recency: (cut) => `≤ ${count(cut)}`, frequency: (cut) => `≥ ${count(cut)}`, monetary: (cut) => `≥ ${hundredths(cut)}` };

const hundredths = (value) => decimals(value / 100, 2, 0);
const share = (millionths) => `${decimals(millionths / 1e4, 2, 0)}%`;

/** A method of scoring, as one line. */
const methodOf = (metric, method) => {
    if (method === "quintile") return text("policy.quintile");
    if (method.frozen) return text("policy.frozen", { day: day(method.frozen) });
    const said = [];
    let better = null;
    for (const score of [5, 4, 3, 2, 1]) {
        const cut = score === 1 ? null : method.thresholds[score - 2];
        // Scores that are left out have the cut point of the next better one, or none.
        if (score > 1 && (cut == null || cut === better)) continue;
        const isRest = score === 1 || IS_WORST[metric](cut);
        said.push(`${score}${text("list.colon")}${isRest ? text("policy.rest") : CUT_SHOWN[metric](cut)}`);
        if (isRest) break;
        better = cut;
    }
    return said.join(text("list.semicolon"));
};

const frequencyRule = ({ recency_days, window_days, frequency }) => text("policy.rule", { recency: count(recency_days), window: count(window_days), frequency: count(frequency) });
const days = (value) => text("policy.days", { count: count(value) });
const idle = (value) => text("policy.idle", { count: count(value) });

const vipOf = (vip) => {
    if (vip == null) return text("policy.none");
    const value = vip.metric === "frequency" ? (from) => count(from) : (from) => `${hundredths(from)} ${pipeline.currency}`;
    return `${text(`policy.vip.${vip.metric}`)}${text("list.colon")}${vip.tiers.map(({ name, from }) => `${name} ≥ ${value(from)}`).join(text("list.semicolon"))}`;
};

/** The rules that departments and items may have of their own. */
const RULES = [
    ["window", ({ window_days }) => days(window_days)],
    ["recency", ({ scoring }) => methodOf("recency", scoring.recency)],
    ["frequency", ({ scoring }) => methodOf("frequency", scoring.frequency)],
    ["monetary", ({ scoring }) => methodOf("monetary", scoring.monetary)],
    ["dead", ({ ladder }) => idle(ladder.dead_idle_days)],
    ["beyond_recall", ({ ladder }) => idle(ladder.beyond_recall_days)],
    ["dormant", ({ ladder }) => idle(ladder.dormant_idle_days)],
    ["loyal", ({ ladder }) => frequencyRule(ladder.loyal)],
    ["active", ({ ladder }) => frequencyRule(ladder.active)],
    ["effective", ({ ladder }) => frequencyRule(ladder.effective)],
    ["new", ({ ladder }) => text("policy.first", { count: count(ladder.new_recency_days) })],
    ["vip", ({ vip }) => vipOf(vip)],
    ["cycle", ({ cycle_days }) => (cycle_days == null ? text("policy.period") : days(cycle_days))],
    ["margin", ({ margin_millionths: margin }) => (margin == null ? text("policy.none") : share(margin))],
];

/** What holds for the whole chain. */
const SETTINGS = [
    ["consumption", ({ consumption }) => Object.keys(consumption).filter((event) => consumption[event]).map((event) => text(`policy.event.${event}`)).join(text("list.comma"))],
    ["counted", ({ frequency_unit }) => text(`policy.counted.${frequency_unit}`)],
    ["high_from", ({ high_from }) => highFrom(high_from)],
    ["segment_names", ({ segment_names }) => text(`policy.names.${segment_names}`)],
    ["package_valid", ({ package_valid_days }) => days(package_valid_days)],
    ["silence", ({ risk }) => bands(risk.silence)],
    ["churn", ({ risk }) => bands(risk.churn)],
    ["value_days", ({ value_days }) => days(value_days)],
    ["actions", ({ actions }) => actions.filter(({ when }) => when.length > 0).map(({ name, priority }) => `${priority} ${name}`).join(text("list.comma"))],
    ["action_branch", ({ action_branch }) => text(`policy.branch.${action_branch}`)],
    ["contact_days", ({ action_outcome }) => days(action_outcome.contact_days)],
    ["hold_out", ({ action_outcome }) => heldOut(action_outcome.hold_out)],
    ["declining", ({ declining_millionths }) => text("policy.falls", { share: share(1e6 - declining_millionths) })],
    ["coverage", ({ coverage }) => text("policy.coverage.said", { silent: coverage.silent_days, rows: coverage.least_rows, factor: coverage.amount_factor })],
    ["stops_at", ({ coverage }) => text(`policy.stops.${coverage.stops_at}`)],
];

const heldOut = (held) => (held == null ? text("policy.none") : text("policy.held", { share: share(held.share_millionths), from: day(held.from) }));
const highFrom = (scores) => {
    const set = ["recency", "frequency", "monetary"].filter((metric) => scores[metric] != null);
    return [...set.map((metric) => text("policy.high", { metric: text(`policy.${metric}`), score: scores[metric] })), ...(set.length < 3 ? [text("policy.mean")] : [])].join(text("list.semicolon"));
};
const bands = ({ medium, high }) => text("policy.bands", { medium, high });

const policy = () => {
    if (pipeline == null) return section("policy", element("p", { class: "note" }, text("policy.no_pipeline")));
    const { policy: all, since, day: told } = pipeline;
    const settings = list(text("policy.chain"), [[text("policy.what"), ([name]) => text(`policy.${name}`)], [text("policy.setting"), ([, show]) => show(all), "text wide"]], SETTINGS);
    const sets = [[text("policy.chain"), all.rules], ...Object.entries(all.departments), ...Object.entries(all.items)];
    const own = ([, show], rules) => (show(rules) === show(all.rules) ? show(rules) : element("b", {}, show(rules)));
    const rules = list(text("policy.rules"), [
        [text("policy.what"), ([name]) => text(`policy.${name}`)],
        ...sets.map(([name, set]) => [name, (rule) => own(rule, set), "text wide"]),
    ], RULES);
    const place = element("div", {}, settings.shown, element("h3", {}, text("policy.rules")), sets.length > 1 ? element("p", { class: "quiet" }, text("policy.own")) : null, rules.shown);
    return section("policy",
        element("p", {}, text(since ? "policy.since" : "policy.always", { day: day(told), since: day(since) })),
        group(place, "", [...settings.lines, ...rules.lines]));
};
