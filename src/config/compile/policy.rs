//! The policies of a chain: its layers are merged for each day from which something changes, and then compiled.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::distinct::distinct;
use super::rules::{self, SectionMistakes, Setting};
use super::{action, action_outcome, layers, presets, risk};
use crate::calendar::PeriodKind;
use crate::config::raw::{
    RawAction, RawActionBranch, RawCoverage, RawEvent, RawFrequency, RawHighFrom, RawHighValueActions, RawPreset,
    RawRules, RawSegmentNames, RawStopsAt,
};
use crate::policy::{
    ActionBranch, Consumption, Coverage, FrequencyUnit, HighFrom, Policies, Policy, Rules, SegmentNames, StopsAt,
};
use crate::yaml::{At, Mistakes};

/// The policies, or `None` after at least one mistake. `written` is the shape-checked mapping at `at`.
pub fn policies(written: Option<Value>, period: PeriodKind, at: &At, mistakes: &mut Mistakes) -> Option<Policies> {
    let mut document = written.unwrap_or_else(|| Value::Object(Map::new()));
    let changes = document.as_object_mut().and_then(|document| document.remove("changes"));
    let changes: Vec<Value> = changes.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    let mut version =
        Version { at: version_at(0), setting: Setting { period, from: None }, merged: None, rules: BTreeMap::new() };
    mistakes.lay(at, &version.at);
    let first = version.compile(&document, mistakes);
    let mut dated = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let at = at.key("changes").index(index);
        let Some(from) = from(change, version.setting.from, &at.key("from"), mistakes) else { continue };
        document = layers::policy(&document, change);
        version = version.next(index + 1, from, &at, mistakes);
        mistakes.on_condition(format!("from {from} on: "));
        dated.push(version.compile(&document, mistakes).map(|policy| (from, policy)));
        mistakes.on_condition(String::new());
    }
    Some(Policies::new(first?, dated.into_iter().collect::<Option<Vec<_>>>()?))
}

/// Where the merged policy of a version is said to stand. No file has a list at its root.
fn version_at(number: usize) -> At {
    At::root().index(number)
}

/// The day of a change, which must be later than that of the change before.
fn from(change: &Value, previous: Option<NaiveDate>, at: &At, mistakes: &mut Mistakes) -> Option<NaiveDate> {
    let from = rules::day(change.get("from")?.as_str()?, at, mistakes)?;
    if let Some(previous) = previous.filter(|previous| *previous >= from) {
        mistakes.value(at, format!("changes must stand in the order of their days; write one after {previous}"));
        return None;
    }
    Some(from)
}

/// The policy from one day on.
struct Version {
    at: At,
    setting: Setting,
    /// The merged policy, once compiled; until then that of the version before.
    merged: Option<Value>,
    /// The merged rules of the chain (under an empty name), departments and items.
    rules: BTreeMap<(&'static str, String), Value>,
}

impl Version {
    /// The version that follows with the change at `at`.
    fn next(self, number: usize, from: NaiveDate, at: &At, mistakes: &mut Mistakes) -> Self {
        let next = Version { at: version_at(number), setting: Setting { from: Some(from), ..self.setting }, ..self };
        mistakes.lay(&version_at(number - 1), &next.at);
        mistakes.lay(at, &next.at);
        next
    }

    fn compile(&mut self, document: &Value, mistakes: &mut Mistakes) -> Option<Policy> {
        let at = self.at.clone();
        let preset = typed(document, "/extends").unwrap_or(RawPreset::Default);
        let below = layers::policy(presets::policy(RawPreset::Default), presets::policy(preset));
        let merged = layers::policy(&below, document);
        let before = self.merged.replace(merged.clone());
        let reported: Vec<&Value> = before.iter().collect();
        let mut sections = SectionMistakes::new(&merged, &reported, mistakes);
        let default = Policy::default();
        let consumption = match typed::<Vec<RawEvent>>(&merged, "/consumption") {
            None => Some(default.consumption),
            Some(events) => consumption(&events, &at.key("consumption"), sections.of("/consumption")),
        };
        let risk = risk::risk(typed(&merged, "/risk").unwrap_or_default(), &at.key("risk"), &mut sections);
        let coverage = coverage(typed(&merged, "/coverage").unwrap_or_default());
        let actions = typed::<RawHighValueActions>(&merged, "/high_value_actions").unwrap_or_default();
        let raw = typed::<BTreeMap<String, RawAction>>(&merged, "/actions").unwrap_or_default();
        let contacts = action::actions(raw, &at.key("actions"), sections.of("/actions"));
        let raw = typed(&merged, "/action_outcome").unwrap_or_default();
        let action_outcome =
            action_outcome::action_outcome(raw, &at.key("action_outcome"), sections.of("/action_outcome"));
        let chain = layers::rules_of(&merged);
        let rules = self.rules("", "", chain.clone(), None, &at, mistakes);
        let departments = self.own("departments", &merged, &chain, &chain, mistakes);
        let items = self.own("items", &merged, &layers::without_margin(&chain), &chain, mistakes);
        Some(Policy {
            consumption: consumption?,
            frequency_unit: typed(&merged, "/frequency").map_or(default.frequency_unit, frequency_unit),
            high_from: typed(&merged, "/high_from").map_or(default.high_from, high_from),
            segment_names: typed(&merged, "/segment_names").map_or(default.segment_names, segment_names),
            package_valid_days: typed(&merged, "/lifecycle/package_valid_days").unwrap_or(default.package_valid_days),
            risk,
            return_prior_customers: default.return_prior_customers,
            value_days: actions.value_days.unwrap_or(default.value_days),
            actions: contacts,
            action_branch: typed(&merged, "/action_branch").map_or(default.action_branch, action_branch),
            action_outcome: action_outcome?,
            coverage,
            declining_millionths: default.declining_millionths,
            rules: rules?,
            departments: departments?,
            items: items?,
        })
    }

    /// The rules of each department or item that has its own, laid over `below`.
    fn own(
        &mut self,
        kind: &'static str,
        document: &Value,
        below: &Value,
        chain: &Value,
        mistakes: &mut Mistakes,
    ) -> Option<BTreeMap<String, Rules>> {
        let mut compiled = Some(BTreeMap::new());
        for (name, own) in document.get(kind).and_then(Value::as_object).into_iter().flatten() {
            let at = self.at.key(kind).key(name);
            let is_new = !self.rules.contains_key(&(kind, name.clone()));
            if name.trim().is_empty() && is_new {
                mistakes.key(&at, format!("a name in `{kind}` is empty; write it as in the data, such as `injection`"));
            }
            let preset = typed::<RawRules>(own, "").and_then(|own| own.extends).map(presets::rules);
            let below = preset.map_or_else(|| below.clone(), |preset| layers::rules(below, &preset));
            let merged = layers::rules(&below, &layers::rules_of(own));
            let rules = self.rules(kind, name, merged, Some(chain), &at, mistakes);
            compiled = compiled.zip(rules).map(|(mut compiled, rules)| {
                compiled.insert(name.clone(), rules);
                compiled
            });
        }
        compiled
    }

    /// Compiles merged rules. What is as before, or as the chain has it, has been reported already.
    fn rules(
        &mut self,
        kind: &'static str,
        name: &str,
        merged: Value,
        chain: Option<&Value>,
        at: &At,
        mistakes: &mut Mistakes,
    ) -> Option<Rules> {
        let before = self.rules.get(&(kind, name.to_owned()));
        let reported: Vec<&Value> = chain.into_iter().chain(before).collect();
        let rules = rules::rules(&merged, &reported, self.setting, at, mistakes);
        self.rules.insert((kind, name.to_owned()), merged);
        rules
    }
}

/// The value at `pointer`, whose shape has been checked.
fn typed<T: DeserializeOwned>(document: &Value, pointer: &str) -> Option<T> {
    serde_json::from_value(document.pointer(pointer)?.clone()).ok()
}

fn coverage(raw: RawCoverage) -> Coverage {
    let default = Coverage::default();
    Coverage {
        silent_days: raw.silent_days.unwrap_or(default.silent_days),
        least_rows: raw.least_rows.unwrap_or(default.least_rows),
        amount_factor: raw.amount_factor.unwrap_or(default.amount_factor),
        stops_at: raw.stops_at.map_or(default.stops_at, |stops_at| match stops_at {
            RawStopsAt::Chain => StopsAt::Chain,
            RawStopsAt::Branch => StopsAt::Branch,
            RawStopsAt::Never => StopsAt::Never,
        }),
    }
}

fn consumption(events: &[RawEvent], at: &At, mistakes: &mut Mistakes) -> Option<Consumption> {
    if events.is_empty() {
        mistakes.value(at, "`consumption` is empty, so nobody would ever have come; write `[order, treatment]`");
        return None;
    }
    distinct(events, at, mistakes)?;
    let has = |event| events.contains(&event);
    Some(Consumption {
        order: has(RawEvent::Order),
        treatment: has(RawEvent::Treatment),
        package_session: has(RawEvent::PackageSession),
        review: has(RawEvent::Review),
        consultation: has(RawEvent::Consultation),
    })
}

fn action_branch(raw: RawActionBranch) -> ActionBranch {
    match raw {
        RawActionBranch::Latest => ActionBranch::Latest,
        RawActionBranch::First => ActionBranch::First,
    }
}

fn high_from(raw: RawHighFrom) -> HighFrom {
    HighFrom { recency: raw.recency, frequency: raw.frequency, monetary: raw.monetary }
}

fn frequency_unit(raw: RawFrequency) -> FrequencyUnit {
    match raw {
        RawFrequency::Days => FrequencyUnit::Days,
        RawFrequency::Orders => FrequencyUnit::Orders,
        RawFrequency::Lines => FrequencyUnit::Lines,
    }
}

fn segment_names(raw: RawSegmentNames) -> SegmentNames {
    match raw {
        RawSegmentNames::Articles => SegmentNames::Articles,
        RawSegmentNames::Textbook => SegmentNames::Textbook,
    }
}
