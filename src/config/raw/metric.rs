//! The schema of a scoring method, metric by metric: the same shape, with examples in the metric's own unit.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::method::{RawCutPoints, RawIntervals, RawNamedMethod};

/// A `RawMethod` of recency.
pub struct RecencyMethod;

/// A `RawMethod` of frequency.
pub struct FrequencyMethod;

/// A `RawMethod` of monetary.
pub struct MonetaryMethod;

impl JsonSchema for RecencyMethod {
    fn schema_name() -> Cow<'static, str> {
        "RawRecencyMethod".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        method(generator, ["> 50", "(40, 50]", "(35, 40]", "(30, 35]", "<= 30"])
    }
}

impl JsonSchema for FrequencyMethod {
    fn schema_name() -> Cow<'static, str> {
        "RawFrequencyMethod".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        method(generator, ["<= 1", "2", "(2, 4]", "(4, 8]", "> 8"])
    }
}

impl JsonSchema for MonetaryMethod {
    fn schema_name() -> Cow<'static, str> {
        "RawMonetaryMethod".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        method(generator, ["< 1000", "[1000, 1500)", "[1500, 2000)", "[2000, 2500)", ">= 2500"])
    }
}

/// The schema of `RawMethod`, with these thresholds of scores 1 to 5 as examples.
fn method(generator: &mut SchemaGenerator, thresholds: [&str; 5]) -> Schema {
    let scored = || (1..).zip(thresholds).map(|(score, text): (usize, _)| (score.to_string(), text));
    let mut intervals = RawIntervals::json_schema(generator);
    for (score, text) in scored() {
        set(&mut intervals, &format!("/properties/{score}/examples"), json!([text]));
    }
    let example: Map<String, Value> = scored().map(|(score, text)| (score, json!(text))).collect();
    let mut cut_points = RawCutPoints::json_schema(generator);
    set(&mut cut_points, "/properties/thresholds/examples", json!([example]));
    set(&mut cut_points, "/properties/thresholds/anyOf/0", intervals.into());
    // It stands in its place instead of being referred to.
    generator.definitions_mut().remove(RawIntervals::schema_name().as_ref());
    json_schema!({
        "description": "How the metric becomes a score.",
        "anyOf": [generator.subschema_for::<RawNamedMethod>(), cut_points],
    })
}

fn set(schema: &mut Schema, pointer: &str, value: Value) {
    if let Some(place) = schema.pointer_mut(pointer) {
        *place = value;
    }
}
