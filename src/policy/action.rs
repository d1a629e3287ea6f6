//! Whom to contact, for which reason, and which reason comes first.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int32Array, RecordBatch, StringArray};
use arrow::error::ArrowError;
use serde::Serialize;

/// Life stages, in the order of their bits.
pub const STAGES: [&str; 8] = ["potential", "new", "effective", "active", "loyal", "silent", "dormant", "dead"];
/// Value segments, in the order of their bits.
pub const SEGMENTS: [&str; 8] = ["HHH", "HLH", "LHH", "LLH", "HHL", "HLL", "LHL", "LLL"];
/// Bands of risk, in the order of their bits.
pub const RISK_BANDS: [&str; 3] = ["low", "medium", "high"];

/// A reason to contact a customer. What to do is told by the seed table of actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// Name, as published in `action`.
    pub name: String,
    /// The lower, the more urgent; of equal ones the first by name.
    pub priority: u32,
    /// Holds for whoever meets one of these conditions.
    pub when: Vec<Condition>,
}

/// What must hold of a customer, all of it; what is `None` doesn't matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// One of these life stages.
    pub stages: Option<Vec<&'static str>>,
    /// One of these value segments.
    pub segments: Option<Vec<&'static str>>,
    /// One of these bands of the risk that the stage has.
    pub risk_bands: Option<Vec<&'static str>>,
    /// Days since the last consumption.
    pub recency_days: Span,
    /// Days since the customer was first known.
    pub known_days: Span,
    /// Consumption days ever.
    pub consumption_days: Span,
    /// Sessions left in packages, or none.
    pub has_sessions_left: Option<bool>,
    /// A VIP tier, or none.
    pub is_vip: Option<bool>,
    /// Low value and high activity, or not.
    pub is_low_value_high_activity: Option<bool>,
}

/// A span of numbers, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Least.
    pub from: Option<u32>,
    /// Greatest.
    pub until: Option<u32>,
}

/// The actions unless told: `src/policy/presets/default.yaml` says the same.
pub fn defaults() -> Vec<Action> {
    let staged = |stages: &[&'static str]| Condition { stages: Some(stages.to_vec()), ..Condition::default() };
    let valued = |segments: &[&'static str]| Condition { segments: Some(segments.to_vec()), ..Condition::default() };
    let span = |from, until| Span { from, until };
    let high = Some(vec!["high"]);
    let rows = [
        (
            "win_back_important",
            vec![Condition { segments: Some(vec!["LHH", "LLH"]), ..staged(&["silent", "dormant"]) }],
        ),
        ("keep_rhythm", vec![Condition { risk_bands: high.clone(), ..staged(&["effective", "active", "loyal"]) }]),
        (
            "use_sessions",
            vec![Condition {
                recency_days: span(Some(60), None),
                has_sessions_left: Some(true),
                ..Condition::default()
            }],
        ),
        (
            "second_visit",
            vec![Condition {
                recency_days: span(Some(30), Some(90)),
                consumption_days: span(None, Some(1)),
                ..Condition::default()
            }],
        ),
        ("recall_dormant", vec![staged(&["dormant"])]),
        ("prevent_churn", vec![Condition { risk_bands: high, ..staged(&["silent", "dormant"]) }]),
        ("welcome_new", vec![staged(&["new"])]),
        ("recall_dead", vec![staged(&["dead"])]),
        ("restore_rhythm", vec![valued(&["LHH", "LLH"])]),
        ("raise_frequency", vec![valued(&["HLH"])]),
        ("care_vip", vec![valued(&["HHH"]), Condition { is_vip: Some(true), ..Condition::default() }]),
        (
            "raise_spend",
            vec![valued(&["HHL"]), Condition { is_low_value_high_activity: Some(true), ..Condition::default() }],
        ),
        ("cultivate", vec![valued(&["HLL"])]),
        ("remind", vec![valued(&["LHL", "LLL"])]),
        ("follow_up_lead", vec![Condition { known_days: span(None, Some(90)), ..staged(&["potential"]) }]),
    ];
    let action =
        |(priority, (name, when)): (u32, (&str, Vec<Condition>))| Action { name: name.to_owned(), priority, when };
    (1..).zip(rows).map(action).collect()
}

/// `policy_action` (action_no, action, priority, condition_en) and `policy_action_rule` (action_no, and a column per
/// condition), of actions in order of urgency. Sets are sums of bits.
pub fn rows(actions: &[Action]) -> Result<[RecordBatch; 2], ArrowError> {
    let number = |number: u32| i32::try_from(number).ok();
    let numbered: Vec<(i32, &Action)> = (1..).zip(actions).collect();
    let names = RecordBatch::try_from_iter([
        ("action_no", Arc::new(Int32Array::from_iter_values(numbered.iter().map(|row| row.0))) as ArrayRef),
        ("action", Arc::new(StringArray::from_iter_values(numbered.iter().map(|row| &row.1.name)))),
        ("priority", Arc::new(Int32Array::from_iter(numbered.iter().map(|row| number(row.1.priority))))),
        ("condition_en", Arc::new(StringArray::from_iter_values(numbered.iter().map(|row| row.1.told())))),
    ])?;
    let conditions: Vec<(i32, &Condition)> =
        numbered.iter().flat_map(|(number, action)| action.when.iter().map(|condition| (*number, condition))).collect();
    let integers = |of: &dyn Fn(&Condition) -> Option<i32>| -> ArrayRef {
        Arc::new(Int32Array::from_iter(conditions.iter().map(|(_, condition)| of(condition))))
    };
    let truths = |of: fn(&Condition) -> Option<bool>| -> ArrayRef {
        Arc::new(BooleanArray::from_iter(conditions.iter().map(|(_, condition)| of(condition))))
    };
    let end = |end: Option<u32>| end.and_then(number);
    let rules = RecordBatch::try_from_iter_with_nullable([
        ("action_no", Arc::new(Int32Array::from_iter_values(conditions.iter().map(|row| row.0))) as ArrayRef, false),
        ("stages", integers(&|it| it.stages.as_ref().map(|names| bits(names, &STAGES))), true),
        ("segments", integers(&|it| it.segments.as_ref().map(|names| bits(names, &SEGMENTS))), true),
        ("risk_bands", integers(&|it| it.risk_bands.as_ref().map(|names| bits(names, &RISK_BANDS))), true),
        ("recency_from", integers(&|it| end(it.recency_days.from)), true),
        ("recency_until", integers(&|it| end(it.recency_days.until)), true),
        ("known_from", integers(&|it| end(it.known_days.from)), true),
        ("known_until", integers(&|it| end(it.known_days.until)), true),
        ("consumption_days_from", integers(&|it| end(it.consumption_days.from)), true),
        ("consumption_days_until", integers(&|it| end(it.consumption_days.until)), true),
        ("has_sessions_left", truths(|it| it.has_sessions_left), true),
        ("is_vip", truths(|it| it.is_vip), true),
        ("is_low_value_high_activity", truths(|it| it.is_low_value_high_activity), true),
    ])?;
    Ok([names, rules])
}

fn bits(names: &[&str], all: &[&str]) -> i32 {
    let bits = (0..).zip(all).filter(|(_, name)| names.contains(name));
    bits.map(|(place, _)| 1_i32 << place).sum()
}

impl Action {
    /// The conditions in English.
    fn told(&self) -> String {
        if self.when.is_empty() {
            return "nobody".to_owned();
        }
        self.when.iter().map(Condition::told).collect::<Vec<_>>().join("; or ")
    }
}

impl Condition {
    fn told(&self) -> String {
        let listed = |names: &Option<Vec<&str>>| names.as_ref().map(|names| names.join(" or "));
        let yes_or_no = |truth: Option<bool>, yes: &str, no: &str| truth.map(|is| if is { yes } else { no }.to_owned());
        let parts = [
            listed(&self.stages),
            listed(&self.segments).map(|names| format!("segment {names}")),
            listed(&self.risk_bands).map(|names| format!("{names} risk")),
            self.recency_days.told("days since the last consumption"),
            self.known_days.told("days since first known"),
            self.consumption_days.told("consumption days ever"),
            yes_or_no(self.has_sessions_left, "sessions left", "no sessions left"),
            yes_or_no(self.is_vip, "in a VIP tier", "in no VIP tier"),
            yes_or_no(
                self.is_low_value_high_activity,
                "low value and high activity",
                "not of low value and high activity",
            ),
        ];
        let told = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if told.is_empty() { "everybody".to_owned() } else { told }
    }
}

impl Span {
    fn told(self, unit: &str) -> Option<String> {
        match (self.from, self.until) {
            (None, None) => None,
            (Some(from), None) => Some(format!("{from} or more {unit}")),
            (None, Some(until)) => Some(format!("at most {until} {unit}")),
            (Some(from), Some(until)) => Some(format!("{from} to {until} {unit}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_in_words() {
        let told: Vec<String> = defaults().iter().map(Action::told).collect();
        assert_eq!(told[0], "silent or dormant, segment LHH or LLH");
        assert_eq!(told[2], "60 or more days since the last consumption, sessions left");
        assert_eq!(told[3], "30 to 90 days since the last consumption, at most 1 consumption days ever");
        assert_eq!(told[10], "segment HHH; or in a VIP tier");
        let action = |when| Action { name: "a".to_owned(), priority: 1, when };
        assert_eq!(action(vec![]).told(), "nobody");
        assert_eq!(action(vec![Condition::default()]).told(), "everybody");
    }

    #[test]
    fn sets_are_sums_of_bits() {
        assert_eq!(bits(&["dormant", "silent"], &STAGES), 32 + 64);
        assert_eq!(bits(&[], &STAGES), 0, "nobody is in a stage of none");
    }
}
