//! What counts, how it is scored and the life stages, as written in YAML.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::action::{RawAction, RawActionBranch};
use super::action_outcome::RawActionOutcome;
use super::coverage::RawCoverage;
use super::method::RawMethod;
use super::metric::{FrequencyMethod, MonetaryMethod, RecencyMethod};
use super::risk::{RawHighValueActions, RawRisk};
use super::value::Text;

/// What counts, how it is scored, and the life stages. Later layers change only what they name: a preset,
/// the chain, a department or item; and of each, what `changes` hold from their day on.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "layers are merged as they are written; this is their shape")]
pub struct RawPolicy {
    /// A shipped preset that the rest builds on. Default: default.
    #[schemars(example = &"skin")]
    pub extends: Option<RawPreset>,
    /// Days that frequency and monetary look back, the as-of day included. Default: 365.
    #[schemars(range(min = 1, max = 36500), example = 365)]
    pub window_days: Option<u32>,
    /// Which events make a consumption day. Default: all but consultation.
    #[schemars(example = ["order", "treatment"])]
    pub consumption: Option<Vec<RawEvent>>,
    /// What frequency counts. Default: days.
    #[schemars(example = &"days")]
    pub frequency: Option<RawFrequency>,
    /// Which names the segments bear; textbooks swap 保持 and 挽留. Default: articles.
    #[schemars(example = &"articles")]
    pub segment_names: Option<RawSegmentNames>,
    /// How each metric becomes a score from 1 to 5, of which 5 is best. Default: quintile.
    #[schemars(example = json!({"recency": "quintile", "monetary": "injection"}))]
    pub scoring: Option<RawScoring>,
    /// From which score on a metric is high in a value segment. Default: the mean of the scope group.
    #[schemars(example = json!({"monetary": 4}))]
    pub high_from: Option<RawHighFrom>,
    /// The ladder of life stages.
    #[schemars(example = json!({"dead": {"idle_days": 180}}))]
    pub lifecycle: Option<RawLifecycle>,
    /// The cycles of the period status. Default: the reporting periods.
    #[schemars(example = json!({"cycle_days": 120}))]
    pub period_status: Option<RawPeriodStatus>,
    /// VIP tiers, if the chain has any.
    #[schemars(example = json!({"metric": "monetary", "tiers": [{"name": "gold", "from": 150000}]}))]
    pub vip: Option<RawVip>,
    /// Share of revenue that is profit where a line has no cost. Default: unknown.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.6)]
    pub margin: Option<f64>,
    /// Where the bands of risk begin.
    #[schemars(example = json!({"silence": {"medium": 0.4, "high": 0.5}}))]
    pub risk: Option<RawRisk>,
    /// How high-value actions are measured.
    #[schemars(example = json!({"value_days": 60}))]
    pub high_value_actions: Option<RawHighValueActions>,
    /// Whom to contact, for which reason, and which comes first, by the names of `seed_action`.
    #[schemars(example = json!({"welcome_new": {"priority": 3, "when": [{"stages": ["new"]}]}}))]
    pub actions: Option<BTreeMap<String, RawAction>>,
    /// At which branch's list a customer is. Default: latest.
    #[schemars(example = &"latest")]
    pub action_branch: Option<RawActionBranch>,
    /// How it is seen whether an action of the list worked.
    #[schemars(example = json!({"hold_out": {"share": 0.1, "key": "spring-2026", "from": "2026-03-01"}}))]
    pub action_outcome: Option<RawActionOutcome>,
    /// What a day is expected to bring, and whose failure to do so stops a run.
    #[schemars(example = json!({"silent_days": 7}))]
    pub coverage: Option<RawCoverage>,
    /// Other rules for single departments, named as in the data; what is left out comes from above.
    #[schemars(example = json!({"injection": {"extends": "injection"}}))]
    pub departments: Option<BTreeMap<String, RawRules>>,
    /// Other rules for single items, by their `item_id`; what is left out comes from above.
    #[schemars(example = json!({"BOTOX-50": {"lifecycle": {"new": {"recency_days": 45}}}}))]
    pub items: Option<BTreeMap<String, RawRules>>,
    /// What is different from a day on, by rising `from`. It replaces what stands above it.
    #[schemars(example = json!([{"from": "2026-07-01", "margin": 0.55}]))]
    pub changes: Option<Vec<RawChange>>,
}

/// What is different from a day on.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "layers are merged as they are written; this is their shape")]
pub struct RawChange {
    /// The first as-of day to which it applies.
    #[schemars(required, example = &"2026-07-01")]
    pub from: Option<String>,
    /// A shipped preset that the rest builds on. Default: default.
    #[schemars(example = &"skin")]
    pub extends: Option<RawPreset>,
    /// Days that frequency and monetary look back, the as-of day included. Default: 365.
    #[schemars(range(min = 1, max = 36500), example = 365)]
    pub window_days: Option<u32>,
    /// Which events make a consumption day. Default: all but consultation.
    #[schemars(example = ["order", "treatment"])]
    pub consumption: Option<Vec<RawEvent>>,
    /// What frequency counts. Default: days.
    #[schemars(example = &"days")]
    pub frequency: Option<RawFrequency>,
    /// Which names the segments bear; textbooks swap 保持 and 挽留. Default: articles.
    #[schemars(example = &"articles")]
    pub segment_names: Option<RawSegmentNames>,
    /// How each metric becomes a score from 1 to 5, of which 5 is best. Default: quintile.
    #[schemars(example = json!({"recency": "quintile", "monetary": "injection"}))]
    pub scoring: Option<RawScoring>,
    /// From which score on a metric is high in a value segment. Default: the mean of the scope group.
    #[schemars(example = json!({"monetary": 4}))]
    pub high_from: Option<RawHighFrom>,
    /// The ladder of life stages.
    #[schemars(example = json!({"dead": {"idle_days": 180}}))]
    pub lifecycle: Option<RawLifecycle>,
    /// The cycles of the period status. Default: the reporting periods.
    #[schemars(example = json!({"cycle_days": 120}))]
    pub period_status: Option<RawPeriodStatus>,
    /// VIP tiers, if the chain has any.
    #[schemars(example = json!({"metric": "monetary", "tiers": [{"name": "gold", "from": 150000}]}))]
    pub vip: Option<RawVip>,
    /// Share of revenue that is profit where a line has no cost. Default: unknown.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.6)]
    pub margin: Option<f64>,
    /// Where the bands of risk begin.
    #[schemars(example = json!({"silence": {"medium": 0.4, "high": 0.5}}))]
    pub risk: Option<RawRisk>,
    /// How high-value actions are measured.
    #[schemars(example = json!({"value_days": 60}))]
    pub high_value_actions: Option<RawHighValueActions>,
    /// Whom to contact, for which reason, and which comes first, by the names of `seed_action`.
    #[schemars(example = json!({"welcome_new": {"priority": 3, "when": [{"stages": ["new"]}]}}))]
    pub actions: Option<BTreeMap<String, RawAction>>,
    /// At which branch's list a customer is. Default: latest.
    #[schemars(example = &"latest")]
    pub action_branch: Option<RawActionBranch>,
    /// How it is seen whether an action of the list worked.
    #[schemars(example = json!({"hold_out": {"share": 0.1, "key": "spring-2026", "from": "2026-03-01"}}))]
    pub action_outcome: Option<RawActionOutcome>,
    /// What a day is expected to bring, and whose failure to do so stops a run.
    #[schemars(example = json!({"silent_days": 7}))]
    pub coverage: Option<RawCoverage>,
    /// Other rules for single departments, named as in the data; what is left out comes from above.
    #[schemars(example = json!({"injection": {"extends": "injection"}}))]
    pub departments: Option<BTreeMap<String, RawRules>>,
    /// Other rules for single items, by their `item_id`; what is left out comes from above.
    #[schemars(example = json!({"BOTOX-50": {"lifecycle": {"new": {"recency_days": 45}}}}))]
    pub items: Option<BTreeMap<String, RawRules>>,
}

/// Rules of a department or an item.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawRules {
    /// A shipped preset, laid over the chain's rules before what stands here.
    #[schemars(example = &"injection")]
    pub extends: Option<RawPreset>,
    /// Days that frequency and monetary look back, the as-of day included.
    #[schemars(range(min = 1, max = 36500), example = 30)]
    pub window_days: Option<u32>,
    /// How each metric becomes a score from 1 to 5, of which 5 is best.
    #[schemars(example = json!({"recency": "quintile", "monetary": "injection"}))]
    pub scoring: Option<RawScoring>,
    /// The ladder of life stages.
    #[schemars(example = json!({"dead": {"idle_days": 180}}))]
    pub lifecycle: Option<RawLadder>,
    /// The cycles of the period status.
    #[schemars(example = json!({"cycle_days": 120}))]
    pub period_status: Option<RawPeriodStatus>,
    /// VIP tiers.
    #[schemars(example = json!({"metric": "monetary", "tiers": [{"name": "gold", "from": 150000}]}))]
    pub vip: Option<RawVip>,
    /// Share of revenue that is profit where a line has no cost.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.6)]
    pub margin: Option<f64>,
}

/// Rules that ship with rfmart.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawPreset {
    /// Quintiles and the ladder of the articles.
    Default,
    /// Skin and laser: the same ladder, spelled out.
    Skin,
    /// Injectables: the thresholds of the articles, and longer intervals.
    Injection,
    /// Surgery: the longest intervals.
    Surgery,
}

/// What can make a consumption day.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawEvent {
    /// A paid order.
    Order,
    /// An attended treatment.
    Treatment,
    /// An attended package session.
    PackageSession,
    /// An on-site review (複查).
    Review,
    /// A consultation.
    Consultation,
}

/// What frequency counts.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFrequency {
    /// Consumption days.
    Days,
    /// Paid orders.
    Orders,
    /// Paid order lines.
    Lines,
}

/// How each metric becomes a score.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawScoring {
    /// Of recency, in days: less is better.
    #[schemars(with = "Option<RecencyMethod>", example = &"quintile")]
    pub recency: Option<RawMethod>,
    /// Of frequency: more is better.
    #[schemars(with = "Option<FrequencyMethod>", example = &"quintile")]
    pub frequency: Option<RawMethod>,
    /// Of monetary, in the pipeline's currency: more is better.
    #[schemars(with = "Option<MonetaryMethod>", example = &"quintile")]
    pub monetary: Option<RawMethod>,
}

/// From which score on a metric is high in a value segment. What is left out is high from the mean on.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawHighFrom {
    /// Least recency score that is high.
    #[schemars(range(min = 1, max = 5), example = 4)]
    pub recency: Option<u32>,
    /// Least frequency score that is high.
    #[schemars(range(min = 1, max = 5), example = 4)]
    pub frequency: Option<u32>,
    /// Least monetary score that is high.
    #[schemars(range(min = 1, max = 5), example = 4)]
    pub monetary: Option<u32>,
}

/// The cycles of the period status.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawPeriodStatus {
    /// Days of a cycle, which rolls: this one is the last so many days, the one before the days before them.
    #[schemars(range(min = 1, max = 3650), example = 120)]
    pub cycle_days: Option<u32>,
}

/// Which names the eight segments bear.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSegmentNames {
    /// As in the source articles.
    Articles,
    /// As in textbooks.
    Textbook,
}

/// The ladder of life stages. The first rule that matches decides, in this order: dead, dormant,
/// loyal, active, effective, new, else silent.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "layers are merged as they are written; this is their shape")]
pub struct RawLifecycle {
    /// Days after payment at which a package's remaining sessions expire. Default: 365.
    #[schemars(range(min = 1, max = 36500), example = 365)]
    pub package_valid_days: Option<u32>,
    /// Dead: no sessions left, and idle for long.
    #[schemars(example = json!({"idle_days": 180, "beyond_recall_days": 360}))]
    pub dead: Option<RawDead>,
    /// Dormant: no sessions left, and idle.
    #[schemars(example = json!({"idle_days": 90}))]
    pub dormant: Option<RawDormant>,
    /// Loyal. Default: R < 180 and 5 days in 180.
    #[schemars(example = json!({"recency_days": 180, "window_days": 180, "frequency": 5}))]
    pub loyal: Option<RawRule>,
    /// Active. Default: R < 120 and 3 days in 120.
    #[schemars(example = json!({"recency_days": 120, "window_days": 120, "frequency": 3}))]
    pub active: Option<RawRule>,
    /// Effective. Default: R < 90 and 2 days in 90.
    #[schemars(example = json!({"recency_days": 90, "window_days": 90, "frequency": 2}))]
    pub effective: Option<RawRule>,
    /// New: one consumption day ever, and recent.
    #[schemars(example = json!({"recency_days": 30}))]
    pub new: Option<RawNew>,
}

/// The ladder of a department or an item.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawLadder {
    /// Dead: no sessions left, and idle for long.
    #[schemars(example = json!({"idle_days": 180, "beyond_recall_days": 360}))]
    pub dead: Option<RawDead>,
    /// Dormant: no sessions left, and idle.
    #[schemars(example = json!({"idle_days": 90}))]
    pub dormant: Option<RawDormant>,
    /// Loyal.
    #[schemars(example = json!({"recency_days": 180, "window_days": 180, "frequency": 5}))]
    pub loyal: Option<RawRule>,
    /// Active.
    #[schemars(example = json!({"recency_days": 120, "window_days": 120, "frequency": 3}))]
    pub active: Option<RawRule>,
    /// Effective.
    #[schemars(example = json!({"recency_days": 90, "window_days": 90, "frequency": 2}))]
    pub effective: Option<RawRule>,
    /// New: one consumption day ever, and recent.
    #[schemars(example = json!({"recency_days": 30}))]
    pub new: Option<RawNew>,
}

/// Dead: no sessions left, and idle for long.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawDead {
    /// Dead from this many days after the later of the last consumption and the end of the last
    /// package. Default: 180.
    #[schemars(range(min = 1, max = 36500), example = 180, extend("x-instead-of" = "recency_days"))]
    pub idle_days: Option<u32>,
    /// Beyond recall from this many such days on. Default: 360.
    #[schemars(range(min = 1, max = 36500), example = 360)]
    pub beyond_recall_days: Option<u32>,
}

/// Dormant: no sessions left, and idle.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawDormant {
    /// Dormant from this many days after the later of the last consumption and the end of the last
    /// package. Default: 90.
    #[schemars(range(min = 1, max = 36500), example = 90)]
    pub idle_days: Option<u32>,
}

/// R < `recency_days`, and `frequency` or more consumption days in the last `window_days`.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// Days since the last consumption, fewer than this.
    #[schemars(range(min = 1, max = 36500), example = 120)]
    pub recency_days: Option<u32>,
    /// Days that the count looks back, the as-of day included.
    #[schemars(range(min = 1, max = 36500), example = 120)]
    pub window_days: Option<u32>,
    /// Consumption days needed.
    #[schemars(range(min = 1, max = 36500), example = 3)]
    pub frequency: Option<u32>,
}

/// New: one consumption day ever, and recent.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawNew {
    /// Days since that day, at most. Default: 30.
    #[schemars(range(min = 0, max = 36500), example = 30)]
    pub recency_days: Option<u32>,
}

/// VIP tiers on one metric.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVip {
    /// What decides. Default: monetary.
    #[schemars(example = &"monetary")]
    pub metric: Option<RawVipMetric>,
    /// Tiers, from the lowest to the highest. Departments and items may leave them to the chain.
    #[schemars(example = json!([{"name": "silver", "from": 50000}, {"name": "gold", "from": 150000}]))]
    pub tiers: Option<Vec<RawTier>>,
}

/// What decides a VIP tier.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawVipMetric {
    /// Net paid amount in the window.
    Monetary,
    /// Net paid amount ever.
    LifetimeMonetary,
    /// Frequency in the window.
    Frequency,
}

/// A VIP tier.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTier {
    /// Name, as published.
    #[schemars(required, example = &"gold")]
    pub name: Option<Text>,
    /// Least value, in the pipeline's currency, or the count for frequency.
    #[schemars(required, example = 150000)]
    pub from: Option<Text>,
}
