//! Policies that ship with rfmart, as YAML files that people can read and copy from.

use std::sync::LazyLock;

use serde_json::Value;

use super::layers;
use crate::config::raw::{RawPolicy, RawPreset};
use crate::yaml::{self, Mistakes, Subject};

const PRESET: Subject = Subject { noun: "preset", beginning: "window_days: 365" };

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

/// What is wrong with a preset is for a test to say.
fn parse(text: &str) -> Value {
    let mut mistakes = Mistakes::of("a preset");
    let root = yaml::parse(text, &PRESET, &mut mistakes);
    let policy = root.and_then(|root| yaml::conform(&yaml::schema_of::<RawPolicy>(), &root, &[], &mut mistakes));
    policy.filter(|_| mistakes.is_empty()).unwrap_or_default()
}
