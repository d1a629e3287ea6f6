//! Scoring methods, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::value::Text;

/// How a metric becomes a score.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum RawMethod {
    /// A method by name.
    Named(RawNamedMethod),
    /// Own thresholds, or those of an earlier day.
    Own(RawCutPoints),
}

/// A method that needs no numbers.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawNamedMethod {
    /// By the share of strictly worse customers in the scope group.
    Quintile,
    /// The thresholds of the articles' injection department.
    Injection,
}

/// Cut points: own thresholds, or those of an earlier day.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCutPoints {
    /// An interval per score: `<= 30`, `(30, 35]`, `> 50` or a single value. Round brackets leave the
    /// edge out, square ones take it in. Scores may be left out, but every value must belong to exactly
    /// one of the others.
    #[schemars(example = json!({"1": "> 50", "2": "(40, 50]", "3": "(35, 40]", "4": "(30, 35]", "5": "<= 30"}))]
    pub thresholds: Option<RawIntervals>,
    /// The cut points that the closing snapshot of this day published, so that later days are measured
    /// with its ruler.
    #[schemars(example = &"2026-06-30")]
    pub frozen: Option<String>,
}

/// An interval per score that occurs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIntervals {
    /// Of score 1, the worst.
    #[serde(rename = "1")]
    #[schemars(example = "> 50")]
    pub one: Option<Text>,
    /// Of score 2.
    #[serde(rename = "2")]
    #[schemars(example = "(40, 50]")]
    pub two: Option<Text>,
    /// Of score 3.
    #[serde(rename = "3")]
    #[schemars(example = "(35, 40]")]
    pub three: Option<Text>,
    /// Of score 4.
    #[serde(rename = "4")]
    #[schemars(example = "(30, 35]")]
    pub four: Option<Text>,
    /// Of score 5, the best.
    #[serde(rename = "5")]
    #[schemars(example = "<= 30")]
    pub five: Option<Text>,
}
