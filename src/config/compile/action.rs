//! Whom to contact.

use std::collections::BTreeMap;

use crate::config::raw::{RawAction, RawCondition, RawSpan};
use crate::policy::action::{Action, Condition, RISK_BANDS, SEGMENTS, STAGES, Span};
use crate::yaml::{At, Mistakes};

/// The actions in order of urgency; mistakes are noted.
pub fn actions(raw: BTreeMap<String, RawAction>, at: &At, mistakes: &mut Mistakes) -> Vec<Action> {
    let mut actions: Vec<Action> =
        raw.into_iter().filter_map(|(name, raw)| action(name.clone(), raw, &at.key(&name), mistakes)).collect();
    actions.sort_by(|one, other| (one.priority, &one.name).cmp(&(other.priority, &other.name)));
    actions
}

fn action(name: String, raw: RawAction, at: &At, mistakes: &mut Mistakes) -> Option<Action> {
    if name.trim().is_empty() {
        mistakes.key(at, "an action's name is empty; write one that the seed table of actions has, such as `remind`");
        return None;
    }
    let (Some(priority), Some(when)) = (raw.priority, raw.when) else {
        // Of the wrong shape, they have been reported.
        if mistakes.is_empty() {
            let example = "`{priority: 5, when: [{stages: [new]}]}`";
            mistakes.value(at, format!("the action `{name}` is none of the default ones; write {example}"));
        }
        return None;
    };
    let when = (0..).zip(when).map(|(index, raw)| condition(&raw, &at.key("when").index(index), mistakes)).collect();
    Some(Action { name, priority, when })
}

fn condition(raw: &RawCondition, at: &At, mistakes: &mut Mistakes) -> Condition {
    let mut span = |raw: Option<RawSpan>, key: &str| span(raw, &at.key(key), mistakes);
    Condition {
        recency_days: span(raw.recency_days, "recency_days"),
        known_days: span(raw.known_days, "known_days"),
        consumption_days: span(raw.consumption_days, "consumption_days"),
        stages: raw.stages.as_ref().map(|stages| named(stages.iter().map(|stage| *stage as usize), &STAGES)),
        segments: raw.segments.as_ref().map(|segments| named(segments.iter().map(|it| *it as usize), &SEGMENTS)),
        risk_bands: raw.risk_bands.as_ref().map(|bands| named(bands.iter().map(|band| *band as usize), &RISK_BANDS)),
        has_sessions_left: raw.has_sessions_left,
        is_vip: raw.is_vip,
        is_low_value_high_activity: raw.is_low_value_high_activity,
    }
}

/// The names at `places`, each once.
fn named(places: impl Iterator<Item = usize>, names: &[&'static str]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = places.filter_map(|place| names.get(place).copied()).collect();
    found.sort_by_key(|name| names.iter().position(|other| other == name));
    found.dedup();
    found
}

fn span(raw: Option<RawSpan>, at: &At, mistakes: &mut Mistakes) -> Span {
    let RawSpan { from, until } = raw.unwrap_or_default();
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        mistakes.value(&at.key("until"), format!("no number lies from {from} until {until}; write {from} or more"));
    }
    Span { from, until }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_name_is_that_of_its_variant() {
        let written = json!({"stages": STAGES, "segments": SEGMENTS, "risk_bands": RISK_BANDS});
        let raw: RawCondition = serde_json::from_value(written).expect("all are known");
        let condition = condition(&raw, &At::root(), &mut Mistakes::of(""));
        assert_eq!(condition.stages.expect("stages"), STAGES);
        assert_eq!(condition.segments.expect("segments"), SEGMENTS);
        assert_eq!(condition.risk_bands.expect("bands"), RISK_BANDS);
    }
}
