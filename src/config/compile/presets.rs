//! Policies that ship with rfmart, as YAML files that people can read and copy from.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::layers;
use crate::config::mistakes::Mistakes;
use crate::config::raw::{RawPolicy, RawPreset};
use crate::config::{shape, yaml};

static DEFAULT: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../policy/presets/default.yaml")));
static SKIN: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../policy/presets/skin.yaml")));
static INJECTION: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../policy/presets/injection.yaml")));
static SURGERY: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../policy/presets/surgery.yaml")));

/// A preset as a policy.
pub fn policy(preset: RawPreset) -> &'static Value {
    match preset {
        RawPreset::Default => &DEFAULT,
        RawPreset::Skin => &SKIN,
        RawPreset::Injection => &INJECTION,
        RawPreset::Surgery => &SURGERY,
    }
}

/// The rules of a preset, without what holds for the whole chain.
pub fn rules(preset: RawPreset) -> Value {
    layers::rules_of(policy(preset))
}

/// Presets are proved right by a test, so mistakes need no ear here.
fn parse(text: &str) -> Value {
    let mut mistakes = Mistakes::of("a preset");
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<RawPolicy>().to_value();
    let policy = yaml::parse(text, &mut mistakes).and_then(|root| shape::conform(&schema, &root, &mut mistakes));
    policy.filter(|_| mistakes.is_empty()).unwrap_or_default()
}
