//! The JSON Schema of pipeline files: the strict form, which files are held against, and the published one
//! for editors, in which a value may also come from the environment.

use serde_json::{Map, Value, json};

use super::raw::RawPipeline;
use crate::yaml::{schema_of, types_of};

/// What a pipeline file may hold once `${…}` is expanded.
pub fn strict() -> Value {
    schema_of::<RawPipeline>()
}

/// The same for editors: wherever a file may hold a number or a word, also text with `${`.
pub fn published() -> Value {
    let mut schema = strict();
    admit_environment(&mut schema);
    schema
}

fn admit_environment(schema: &mut Value) {
    let Value::Object(keywords) = schema else { return };
    for holder in ["properties", "$defs"] {
        if let Some(Value::Object(schemas)) = keywords.get_mut(holder) {
            schemas.values_mut().for_each(admit_environment);
        }
    }
    for holder in ["anyOf", "oneOf"] {
        if let Some(Value::Array(schemas)) = keywords.get_mut(holder) {
            schemas.iter_mut().for_each(admit_environment);
        }
    }
    for holder in ["items", "additionalProperties"] {
        if let Some(schema) = keywords.get_mut(holder) {
            admit_environment(schema);
        }
    }
    if is_narrow(keywords) {
        widen(keywords);
    }
}

/// Whether text with `${` would be refused although a scalar is wanted.
fn is_narrow(keywords: &Map<String, Value>) -> bool {
    if keywords.contains_key("const") || keywords.contains_key("oneOf") || keywords.contains_key("enum") {
        return true;
    }
    let types = types_of(keywords);
    !types.contains(&"string") && types.iter().any(|name| matches!(*name, "integer" | "number" | "boolean"))
}

fn widen(keywords: &mut Map<String, Value>) {
    let (annotations, narrow): (Map<_, _>, Map<_, _>) = std::mem::take(keywords)
        .into_iter()
        .partition(|(keyword, _)| matches!(keyword.as_str(), "description" | "examples"));
    *keywords = annotations;
    keywords.insert("anyOf".to_owned(), json!([narrow, { "type": "string", "pattern": r"\$\{" }]));
}
