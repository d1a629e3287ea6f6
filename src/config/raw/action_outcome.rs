//! How it is seen whether an action worked, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// How it is seen whether an action of the list worked.
#[derive(Clone, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawActionOutcome {
    /// Days after the listing on which a contact is one of the action's. Default: 30.
    #[schemars(range(min = 1, max = 90), example = 30)]
    pub contact_days: Option<u32>,
    /// Customers who are held out of the list, to see what they do without being asked. Default: none.
    #[schemars(example = json!({"share": 0.1, "key": "spring-2026", "from": "2026-03-01"}))]
    pub hold_out: Option<RawHoldOut>,
}

/// Customers who are held out of the list: the same ones every night.
#[derive(Clone, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawHoldOut {
    /// Share of the customers.
    #[schemars(required, range(min = 0.001, max = 0.5), example = 0.1)]
    pub share: Option<f64>,
    /// Any text. Another one holds other customers out.
    #[schemars(required, example = &"spring-2026")]
    pub key: Option<String>,
    /// The first day whose list holds anybody out: those of earlier days were worked whole.
    #[schemars(required, example = &"2026-03-01")]
    pub from: Option<String>,
}
