//! What commands tell programs: JSON of a form that stays. Fields are added, and never renamed, retyped or removed;
//! `rfmart schema` prints it as JSON Schema.

mod plan;
mod run;
mod runs;

pub use plan::PlanAnswer;
pub use run::RunAnswer;
pub use runs::RunsAnswer;

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::{Context, Kind, Result};

/// An answer as JSON, with a line's end.
///
/// # Errors
/// None that input can cause.
pub fn json(answer: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string_pretty(answer);
    Ok(json.context(Kind::Bug, || "can't print the answer".to_owned())? + "\n")
}

/// The JSON Schema of an answer.
pub fn schema_of<T: JsonSchema>() -> Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}
