//! Whom to contact, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A reason to contact customers. What is left out is as by default.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawAction {
    /// The lower, the more urgent: of several reasons a customer has the most urgent one; of equal ones the first by name.
    #[schemars(range(min = 1, max = 999), example = 1)]
    pub priority: Option<u32>,
    /// It holds for whoever meets one of these conditions; for nobody if there are none.
    #[schemars(example = json!([{"stages": ["silent"], "risk_bands": ["high"]}]))]
    pub when: Option<Vec<RawCondition>>,
}

/// What must hold of a customer in the chain, all of it. What is left out doesn't matter.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawCondition {
    /// One of these life stages.
    #[schemars(example = ["silent", "dormant"])]
    pub stages: Option<Vec<RawStage>>,
    /// One of these value segments.
    #[schemars(example = ["LHH", "LLH"])]
    pub segments: Option<Vec<RawSegment>>,
    /// One of these bands of the risk that the stage has: of silence or of churn.
    #[schemars(example = ["high"])]
    pub risk_bands: Option<Vec<RawRiskBand>>,
    /// Days since the last consumption.
    #[schemars(example = json!({"from": 30, "until": 90}))]
    pub recency_days: Option<RawSpan>,
    /// Days since the customer was first known, as a lead or by an order or visit.
    #[schemars(example = json!({"until": 90}))]
    pub known_days: Option<RawSpan>,
    /// Consumption days ever.
    #[schemars(example = json!({"until": 1}))]
    pub consumption_days: Option<RawSpan>,
    /// Whether sessions of a package are left.
    #[schemars(example = true)]
    pub has_sessions_left: Option<bool>,
    /// Whether the customer is in a VIP tier.
    #[schemars(example = true)]
    pub is_vip: Option<bool>,
    /// Whether they come often and spend little.
    #[schemars(example = true)]
    pub is_low_value_high_activity: Option<bool>,
}

/// At which branch's list a customer is. Who never consumed is at that where they were first known.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawActionBranch {
    /// The branch of the last consumption day.
    Latest,
    /// The branch of the first one, which won the customer.
    First,
}

/// A span of numbers, both ends included.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawSpan {
    /// The least.
    #[schemars(range(min = 0, max = 36500), example = 30)]
    pub from: Option<u32>,
    /// The greatest.
    #[schemars(range(min = 0, max = 36500), example = 90)]
    pub until: Option<u32>,
}

/// A life stage.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawStage {
    /// Never consumed.
    Potential,
    /// One consumption day, and recent.
    New,
    /// Has come again.
    Effective,
    /// Comes often.
    Active,
    /// Comes very often.
    Loyal,
    /// Comes less often than any rule asks for.
    Silent,
    /// Idle.
    Dormant,
    /// Idle for long.
    Dead,
}

/// A value segment: recency, frequency and money, each high or low.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum RawSegment {
    /// All high.
    Hhh,
    /// Comes seldom.
    Hlh,
    /// Came long ago.
    Lhh,
    /// Came long ago and seldom.
    Llh,
    /// Spends little.
    Hhl,
    /// Comes seldom and spends little.
    Hll,
    /// Came long ago and spends little.
    Lhl,
    /// All low.
    Lll,
}

/// A band of risk.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawRiskBand {
    /// Below medium.
    Low,
    /// From `risk.….medium` on.
    Medium,
    /// From `risk.….high` on.
    High,
}
