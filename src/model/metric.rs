//! Metrics: numbers that are told of a table's rows, defined once for all that tell them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a unit begins with that is money.
const MONEY: &str = "currency";

/// What a unit begins with that is a part of one.
const SHARE: &str = "share";

/// A number that is told of the rows of a published table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Name, which no other metric bears.
    #[schemars(example = &"average_transaction_value")]
    pub name: String,
    /// Meaning; may be left out where the table has a column of the metric's name.
    #[serde(default)]
    #[schemars(example = &"Money paid on a customer's day.")]
    pub description: String,
    /// An aggregate over rows of one day, in SQL.
    #[schemars(example = &"sum(paid)")]
    pub measure: String,
    /// Another one that the measure is divided by.
    #[schemars(example = &"sum(paying_days)")]
    pub per: Option<String>,
    /// Columns over whose values it may be added up.
    #[serde(default)]
    #[schemars(example = ["scope_id", "period"])]
    pub additive_over: Vec<String>,
    /// Scopes whose rows tell it, where the table has rows of some only; all of them unless told.
    #[serde(default)]
    #[schemars(example = ["chain"])]
    pub scopes: Vec<String>,
    /// Unit; that of the column of the metric's name unless told.
    pub unit: Option<String>,
    /// Which way is good.
    pub direction: Direction,
    /// What readers call it.
    pub label: Label,
}

/// Which way of a metric is good.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither is.
    Neither,
}

impl Direction {
    /// As a sidecar writes it.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Neither => "neither",
        }
    }
}

/// A metric's name for readers, by language.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In traditional Chinese.
    #[serde(rename = "zh-Hant")]
    #[schemars(example = &"客單價")]
    pub zh_hant: String,
    /// In simplified Chinese.
    #[serde(rename = "zh-Hans")]
    #[schemars(example = &"客单价")]
    pub zh_hans: String,
    /// In English.
    #[schemars(example = &"Average transaction value")]
    pub en: String,
}

/// How a metric's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// An amount.
    Money,
    /// A part of one, as per cent.
    Share,
    /// Anything else that is counted.
    Count,
}

impl Metric {
    /// The metric over the rows of a group, as SQL.
    pub fn sql(&self) -> String {
        match &self.per {
            Some(per) => format!("cast({} as double) / nullif({per}, 0)", self.measure),
            None => self.measure.clone(),
        }
    }

    /// How its values are written, which follows from its unit.
    pub fn format(&self) -> Format {
        match self.unit.as_deref() {
            Some(unit) if unit.starts_with(MONEY) => Format::Money,
            Some(unit) if unit.starts_with(SHARE) => Format::Share,
            _ => Format::Count,
        }
    }
}
