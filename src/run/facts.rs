//! What a run knows about its day and its pipeline, under the names that SQL uses.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use chrono::{Days, NaiveDate};
use datafusion::common::ScalarValue;

use crate::calendar::Period;
use crate::config::{Pipeline, UniqueIn};
use crate::engine::Facts;
use crate::entity::Entity;
use crate::model::Moment;
use crate::policy::{ActionBranch, FrequencyUnit, Policy, SegmentNames};
use crate::source::{Dictionary, Ingested, ScopeKeys};
use crate::{Context, Kind, Result};

/// Days after which it is settled who came back; also how far back effects and returns are observed.
const HORIZON_DAYS: u64 = 90;

/// The day and period of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Day whose end is described.
    pub as_of: NaiveDate,
    /// Period that holds the day.
    pub period: Period,
}

impl Snapshot {
    /// The snapshot of `as_of` in the pipeline's periods.
    pub fn new(pipeline: &Pipeline, as_of: NaiveDate) -> Self {
        Snapshot { as_of, period: Period::containing(pipeline.period, as_of) }
    }

    /// Whether this is the period's closing snapshot.
    pub fn is_period_end(&self) -> bool {
        self.as_of == self.period.end
    }

    /// The closing snapshot of the period before: the state in which this period opened.
    pub fn opening(&self) -> Self {
        let period = self.period.previous();
        Snapshot { as_of: period.end, period }
    }

    /// The snapshot of [`HORIZON_DAYS`] before: by now it is known which of its customers came back.
    pub fn baseline(&self) -> Self {
        let as_of = self.as_of - Days::new(HORIZON_DAYS);
        Snapshot { as_of, period: Period::containing(self.period.kind, as_of) }
    }

    /// The snapshot at a moment of this run.
    pub fn at(&self, moment: Moment) -> Self {
        match moment {
            Moment::Closing => *self,
            Moment::Opening => self.opening(),
            Moment::Baseline => self.baseline(),
            Moment::Earlier => self.baseline().baseline(),
        }
    }

    /// The day of `other` that is as far into it as `as_of` is into this period; its last day when this
    /// period is complete.
    pub fn to_date(self, other: Period) -> NaiveDate {
        if self.is_period_end() {
            return other.end;
        }
        let elapsed = (self.as_of - self.period.start).to_std().map_or(0, |elapsed| elapsed.as_secs() / 86_400);
        (other.start + Days::new(elapsed)).min(other.end)
    }
}

fn day(day: NaiveDate) -> ScalarValue {
    ScalarValue::Date32(Some(Date32Type::from_naive_date(day)))
}

/// The facts of a moment of `pipeline`'s snapshot under `policy`. At the baseline, and earlier, only the chain is worked
/// out: all that is asked of them is who was on a list, and who came back.
pub fn facts(pipeline: &Pipeline, policy: &Policy, snapshot: Snapshot, moment: Moment, keys: ScopeKeys) -> Facts {
    let snapshot = snapshot.at(moment);
    let has_parts = !matches!(moment, Moment::Baseline | Moment::Earlier);
    let period = snapshot.period;
    let previous = period.previous();
    let closed = if snapshot.is_period_end() { period } else { previous };
    let has = |entity| ScalarValue::from(pipeline.sources.iter().any(|source| source.entity == entity));
    // What is left of the horizon is when actions are taken.
    let action_days = HORIZON_DAYS.saturating_sub(u64::from(policy.value_days));
    let hold_out = policy.action_outcome.hold_out.as_ref();
    let draws_below = hold_out.map_or(0, |hold_out| hold_out.draws_below(snapshot.as_of));
    let window_start = snapshot.as_of - Days::new(u64::from(policy.rules.window_days.saturating_sub(1)));
    Facts::from([
        ("as_of", day(snapshot.as_of)),
        ("period", ScalarValue::from(period.label())),
        ("is_period_end", ScalarValue::from(snapshot.is_period_end())),
        ("period_start", day(period.start)),
        // The first day of all slots: days before it needn't be joined with them.
        ("compared_from", day(period.year_before().start)),
        ("closed_start", day(closed.start)),
        ("closed_end", day(closed.end)),
        ("second_closed_start", day(closed.previous().start)),
        // The chain's own: high-value actions are looked for from here on.
        ("window_start", day(window_start)),
        ("period_kind", ScalarValue::from(period.kind.name())),
        ("baseline", day(snapshot.baseline().as_of)),
        ("action_until", day(snapshot.baseline().as_of + Days::new(action_days))),
        ("contact_days", ScalarValue::Int32(i32::try_from(policy.action_outcome.contact_days).ok())),
        ("hold_out_below", ScalarValue::Int64(i64::try_from(draws_below).ok())),
        ("hold_out_key", ScalarValue::from(hold_out.map_or("", |hold_out| hold_out.key.as_str()))),
        // Since when a segment has been one is told of the snapshot's own day only.
        ("has_history", ScalarValue::from(moment == Moment::Closing)),
        ("value_days", ScalarValue::Int32(i32::try_from(policy.value_days).ok())),
        ("action_branch", ScalarValue::from(action_branch(policy.action_branch))),
        ("frequency_unit", ScalarValue::from(frequency_unit(policy.frequency_unit))),
        ("package_valid_days", ScalarValue::Int64(Some(i64::from(policy.package_valid_days)))),
        ("has_vip", ScalarValue::from(policy.numbered().any(|(_, rules)| rules.vip.is_some()))),
        ("has_contacts", has(Entity::Contacts)),
        ("has_leads", has(Entity::Leads)),
        ("has_spend", has(Entity::Spend)),
        ("has_visits", has(Entity::Visits)),
        ("segment_names", ScalarValue::from(segment_names(policy.segment_names))),
        ("timezone", ScalarValue::from(pipeline.timezone.name())),
        ("chain_scope_key", ScalarValue::Int32(keys.chain)),
        ("department_scope_key", ScalarValue::Int32(keys.first_department)),
        ("has_branch_scope", ScalarValue::from(has_parts)),
        ("has_department_scope", ScalarValue::from(has_parts && pipeline.scopes.department)),
        ("has_item_scope", ScalarValue::from(has_parts && pipeline.scopes.item)),
        ("has_branch_order_ids", ScalarValue::from(pipeline.ids.orders == UniqueIn::Branch)),
        ("has_branch_visit_ids", ScalarValue::from(pipeline.ids.visits == UniqueIn::Branch)),
    ])
}

fn frequency_unit(unit: FrequencyUnit) -> &'static str {
    match unit {
        FrequencyUnit::Days => "days",
        FrequencyUnit::Orders => "orders",
        FrequencyUnit::Lines => "lines",
    }
}

fn action_branch(branch: ActionBranch) -> &'static str {
    match branch {
        ActionBranch::Latest => "latest",
        ActionBranch::First => "first",
    }
}

fn segment_names(names: SegmentNames) -> &'static str {
    match names {
        SegmentNames::Articles => "articles",
        SegmentNames::Textbook => "textbook",
    }
}

/// A scope group that is worked out.
pub struct Scope<'a> {
    /// Key in SQL.
    pub key: i32,
    /// Kind.
    pub kind: &'static str,
    /// Id of the branch, department or item; `*` for the chain.
    pub id: &'a str,
    /// Whether the pipeline asks for it.
    pub is_published: bool,
}

/// The scope groups, in the order of their names: chain and branches always, for other tables need them.
pub fn scopes<'a>(pipeline: &Pipeline, ingested: &'a Ingested) -> Vec<Scope<'a>> {
    let dictionaries = &ingested.dictionaries;
    let keys = ScopeKeys::of(dictionaries);
    let asked = pipeline.scopes;
    let members = |kind, first: Option<i32>, dictionary: &'a Arc<Dictionary>, is_published| {
        let keyed = first.into_iter().flat_map(|first| first..).zip(dictionary.id_of_key.iter().flatten());
        keyed.map(move |(key, id)| Scope { key, kind, id, is_published })
    };
    let mut scopes: Vec<Scope> = members("branch", Some(0), &dictionaries.branch, asked.branch).collect();
    scopes.extend(keys.chain.map(|key| Scope { key, kind: "chain", id: "*", is_published: asked.chain }));
    if asked.department {
        scopes.extend(members("department", keys.first_department, &dictionaries.department, true));
    }
    if asked.item {
        scopes.extend(members("item", keys.first_item, &dictionaries.item, true));
    }
    scopes
}

/// `run_branch` (branch_key, branch_id), the branches that rows name, and `run_scope` (scope_key, scope,
/// scope_id, is_published).
pub fn tables(ingested: &Ingested, scopes: &[Scope<'_>]) -> Result<[(&'static str, RecordBatch); 2]> {
    let ids = &ingested.dictionaries.branch.id_of_key;
    let branch = RecordBatch::try_from_iter([
        ("branch_key", Arc::new(Int32Array::from_iter_values((0_i32..).take(ids.len()))) as ArrayRef),
        ("branch_id", Arc::new(ids.clone()) as ArrayRef),
    ]);
    let scope = RecordBatch::try_from_iter([
        ("scope_key", Arc::new(Int32Array::from_iter_values(scopes.iter().map(|scope| scope.key))) as ArrayRef),
        ("scope", Arc::new(StringArray::from_iter_values(scopes.iter().map(|scope| scope.kind)))),
        ("scope_id", Arc::new(StringArray::from_iter_values(scopes.iter().map(|scope| scope.id)))),
        ("is_published", Arc::new(BooleanArray::from_iter(scopes.iter().map(|scope| Some(scope.is_published))))),
    ]);
    let cant = || "can't build the run's tables".to_owned();
    Ok([("run_branch", branch.context(Kind::Bug, cant)?), ("run_scope", scope.context(Kind::Bug, cant)?)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::PeriodKind;

    fn snapshot(text: &str) -> Snapshot {
        let as_of: NaiveDate = text.parse().expect("a date");
        Snapshot { as_of, period: Period::containing(PeriodKind::Month, as_of) }
    }

    #[test]
    fn an_open_period_is_compared_up_to_the_same_day() {
        let to_date = |text| {
            let snapshot = snapshot(text);
            snapshot.to_date(snapshot.period.previous()).to_string()
        };
        assert_eq!(to_date("2026-11-21"), "2026-10-21");
        assert_eq!(to_date("2026-03-30"), "2026-02-28", "a shorter month ends sooner");
        assert_eq!(to_date("2026-02-28"), "2026-01-31", "a closing snapshot compares whole periods");
    }

    #[test]
    fn a_period_opens_in_the_state_in_which_the_last_one_closed() {
        let opening = snapshot("2026-03-17").opening();
        assert_eq!(opening.as_of.to_string(), "2026-02-28");
        assert!(opening.is_period_end());
    }
}
