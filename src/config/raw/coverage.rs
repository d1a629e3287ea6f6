//! What a day is expected to bring, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;

/// What a day is expected to bring, and whose failure to do so stops a run.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawCoverage {
    /// Days without a row after which the chain or a branch is silent. Default: 7.
    #[schemars(range(min = 1, max = 55), example = 7)]
    pub silent_days: Option<u32>,
    /// Rows of a day below which nothing is expected of it. Default: 5.
    #[schemars(range(min = 1, max = 1000000), example = 5)]
    pub least_rows: Option<u32>,
    /// From so many times a row's usual amount on, or up to the same part of it, amounts are of another size. Default: 10.
    #[schemars(range(min = 2, max = 1000000), example = 10)]
    pub amount_factor: Option<u32>,
    /// Whose silence or other amounts stop a run; others are warned of. Default: chain.
    #[schemars(example = &"chain")]
    pub stops_at: Option<RawStopsAt>,
}

/// Whose silence or other amounts stop a run.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawStopsAt {
    /// The chain's.
    Chain,
    /// A branch's, too.
    Branch,
    /// Nobody's.
    Never,
}
