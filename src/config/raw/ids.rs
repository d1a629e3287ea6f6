//! Within what ids are unique, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;

/// Within what ids of a kind are unique.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIds {
    /// A branch, whose numbers another branch may use for something else, or the whole chain.
    #[schemars(required, example = &"chain")]
    pub unique_in: Option<RawUniqueIn>,
}

/// Within what ids are unique.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawUniqueIn {
    /// Within a branch: the same id at two branches means two.
    Branch,
    /// Within the chain: the same id means the same, at whichever branch.
    Chain,
}
