//! Risk bands, and how high-value actions are measured, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Where the bands of each risk begin.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawRisk {
    /// Of silence, for effective, active and loyal customers. Default: 0.4 and 0.5.
    #[schemars(example = json!({"medium": 0.4, "high": 0.5}))]
    pub silence: Option<RawBands>,
    /// Of churn, for silent and dormant customers. Default: 0.5 and 0.75.
    #[schemars(example = json!({"medium": 0.5, "high": 0.75}))]
    pub churn: Option<RawBands>,
}

/// Where the bands of a risk begin: 0 < medium < high <= 1. What is less is low.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawBands {
    /// The least risk that is medium.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.4)]
    pub medium: Option<f64>,
    /// The least risk that is high.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.5)]
    pub high: Option<f64>,
}

/// How high-value actions are measured.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawHighValueActions {
    /// Days of spending that are compared before and after an action. An effect is observed over 90 days; what
    /// these leave of them is when the actions are taken. Default: 60.
    #[schemars(range(min = 1, max = 89), example = 60)]
    pub value_days: Option<u32>,
}
