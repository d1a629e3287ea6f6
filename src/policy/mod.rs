//! What counts as consumption, how R, F and M are scored, and the life stages.
//!
//! A [`Policy`] is valid when it exists: its rules are total and disjoint. SQL reads it as the small
//! tables that [`tables`] writes.

pub mod action;
mod hold_out;
pub mod interval;
mod tables;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use action::Action;
pub use hold_out::{HoldOut, keyed_draw};
pub use tables::Table;

/// The policies of a chain by the day from which each is in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    first: Policy,
    changes: Vec<(NaiveDate, Policy)>,
}

impl Policies {
    /// `first`, until the first of `changes`; these by rising day.
    pub fn new(first: Policy, changes: Vec<(NaiveDate, Policy)>) -> Self {
        Policies { first, changes }
    }

    /// The policy in force on `day`.
    pub fn on(&self, day: NaiveDate) -> &Policy {
        self.change(day).map_or(&self.first, |(_, policy)| policy)
    }

    /// The day from which the policy of `day` is in force; none if it always was.
    pub fn since(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.change(day).map(|(from, _)| *from)
    }

    /// The latest change up to `day`.
    fn change(&self, day: NaiveDate) -> Option<&(NaiveDate, Policy)> {
        self.changes.iter().rev().find(|(from, _)| *from <= day)
    }
}

impl From<Policy> for Policies {
    /// One policy for all days.
    fn from(policy: Policy) -> Self {
        Policies::new(policy, Vec::new())
    }
}

/// Everything a chain decides about its numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// Which events make a consumption day.
    pub consumption: Consumption,
    /// What frequency counts.
    pub frequency_unit: FrequencyUnit,
    /// From which score on a metric is high.
    pub high_from: HighFrom,
    /// Which names the segments bear.
    pub segment_names: SegmentNames,
    /// Days after payment at which a package's remaining sessions expire.
    pub package_valid_days: u32,
    /// Where the bands of risk begin.
    pub risk: Risk,
    /// Customers that a department's observed returns are drawn towards the chain's by, as if it had so many more.
    pub return_prior_customers: u32,
    /// Days of spending that are compared before and after a high-value action.
    pub value_days: u32,
    /// Whom to contact, in order of urgency.
    pub actions: Vec<Action>,
    /// At which branch.
    pub action_branch: ActionBranch,
    /// How it is seen whether an action worked.
    pub action_outcome: ActionOutcome,
    /// What a day is expected to bring.
    pub coverage: Coverage,
    /// An item is declining with this share of the previous period's revenue, or less, in millionths.
    pub declining_millionths: u32,
    /// The chain's rules, which hold for whoever has no others.
    pub rules: Rules,
    /// The rules of single departments, named as in the data.
    pub departments: BTreeMap<String, Rules>,
    /// The rules of single items, by `item_id`.
    pub items: BTreeMap<String, Rules>,
}

/// The rules by which a customer is judged. All of them are there, own or taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// Days that frequency and monetary look back, as_of included.
    pub window_days: u32,
    /// How each metric becomes a score.
    pub scoring: Scoring,
    /// The ladder of life stages.
    pub ladder: Ladder,
    /// Length of the cycles of the period status, which then roll; the reporting periods are them unless told.
    pub cycle_days: Option<u32>,
    /// VIP tiers, if there are any.
    pub vip: Option<Vip>,
    /// Share of revenue that is profit where a line has no cost, in millionths; unknown unless told. An
    /// item has only its own: without one, a line of it is under the margin of its department.
    pub margin_millionths: Option<u32>,
}

/// Which events make a consumption day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Consumption {
    /// A paid order.
    pub order: bool,
    /// An attended treatment.
    pub treatment: bool,
    /// An attended package session.
    pub package_session: bool,
    /// An on-site review (複查).
    pub review: bool,
    /// A consultation.
    pub consultation: bool,
}

/// What frequency counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FrequencyUnit {
    /// Consumption days.
    Days,
    /// Paid orders.
    Orders,
    /// Paid order lines.
    Lines,
}

/// How each metric becomes a score from 1 to 5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scoring {
    /// Of `recency_days`.
    pub recency: Method,
    /// Of `frequency`.
    pub frequency: Method,
    /// Of `monetary`.
    pub monetary: Method,
}

impl Scoring {
    /// The methods of metrics 1, 2 and 3: recency, frequency, monetary.
    pub fn methods(&self) -> [&Method; 3] {
        [&self.recency, &self.frequency, &self.monetary]
    }
}

/// From which score on a metric is high in a value segment; the mean of the scope group where none is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HighFrom {
    /// Of `recency_days`.
    pub recency: Option<u32>,
    /// Of `frequency`.
    pub frequency: Option<u32>,
    /// Of `monetary`.
    pub monetary: Option<u32>,
}

/// How a metric becomes a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the share of strictly worse customers in the scope group.
    Quintile,
    /// By fixed cut points.
    Thresholds(CutPoints),
    /// By the cut points that the closing snapshot of this day published. As with quintiles, who did
    /// not consume within the window scores 1.
    Frozen(NaiveDate),
}

/// Fixed cut points: the worst value that still earns score 2, 3, 4 and 5, in that order, or a better
/// one, each included. Days for recency (falling), counts for frequency and hundredths of the currency
/// for monetary (rising). Open edges have been turned into closed ones on the metric's own grid.
///
/// A scale may leave scores out. The cut point of such a score is that of the next better score there
/// is; above the best one nothing earns it, and it is `None`. Up to the worst score there is, it is the
/// worst value that there can be ([`interval::Measure::worst`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CutPoints(pub [Option<i64>; 4]);

/// Where the bands of each risk begin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Risk {
    /// Of silence, for who still comes.
    pub silence: Bands,
    /// Of churn, for who has fallen silent.
    pub churn: Bands,
}

/// The least risk of a band, included: 0 < medium < high ≤ 1. What is less is low.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bands {
    /// From here on it is medium.
    pub medium: f64,
    /// From here on it is high.
    pub high: f64,
}

/// At which branch's list a customer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionBranch {
    /// That of the last consumption day.
    Latest,
    /// That of the first one.
    First,
}

/// How it is seen whether an action worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionOutcome {
    /// Days after the listing on which a contact is one of the action's.
    pub contact_days: u32,
    /// Who is held out of the action list, if anybody is.
    pub hold_out: Option<HoldOut>,
}

/// What a day is expected to bring, and whose failure to do so stops a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Days without a row after which a scope group is silent.
    pub silent_days: u32,
    /// Rows of a day below which nothing is expected of it.
    pub least_rows: u32,
    /// A row's mean amount is of another size from so many times the usual one on, or up to the same part of it.
    pub amount_factor: u32,
    /// Whose silence or other amounts stop a run.
    pub stops_at: StopsAt,
}

impl Default for Coverage {
    fn default() -> Self {
        Coverage { silent_days: 7, least_rows: 5, amount_factor: 10, stops_at: StopsAt::Chain }
    }
}

/// Whose silence or other amounts stop a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopsAt {
    /// The chain's.
    Chain,
    /// A branch's, too.
    Branch,
    /// Nobody's: all are warnings.
    Never,
}

/// Which names the eight segments bear: textbooks swap 保持 and 挽留.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentNames {
    /// As in the source articles.
    Articles,
    /// As in textbooks.
    Textbook,
}

/// The ladder of life stages: the first rule that matches. All days are whole days. A rule with `(recency, window, frequency)` holds when
/// R < recency and the consumption days in the last `window` days are at least `frequency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// dead: no sessions left, and this many days or more since the later of the last consumption and the
    /// end of the last package.
    pub dead_idle_days: u32,
    /// dead beyond recall: as dead, from this many days on.
    pub beyond_recall_days: u32,
    /// dormant: as dead, from this many days on.
    pub dormant_idle_days: u32,
    /// loyal.
    pub loyal: FrequencyRule,
    /// active.
    pub active: FrequencyRule,
    /// effective.
    pub effective: FrequencyRule,
    /// new: one consumption day ever, R ≤ this.
    pub new_recency_days: u32,
}

/// R < `recency_days`, and `frequency` or more consumption days in the last `window_days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FrequencyRule {
    /// Upper bound of R, excluded.
    pub recency_days: u32,
    /// Length of the window, as_of included.
    pub window_days: u32,
    /// Consumption days needed.
    pub frequency: u32,
}

/// VIP tiers on one metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vip {
    /// What decides.
    pub metric: VipMetric,
    /// Tiers from the lowest to the highest, by strictly rising `from`.
    pub tiers: Vec<VipTier>,
}

/// What decides a VIP tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VipMetric {
    /// Net paid amount in the window.
    Monetary,
    /// Net paid amount ever.
    LifetimeMonetary,
    /// Frequency in the window.
    Frequency,
}

/// A VIP tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VipTier {
    /// Name, as published in `vip_tier`.
    pub name: String,
    /// Least value, in hundredths of the currency, or the count for frequency.
    pub from: i64,
}

impl Policy {
    /// Every set of rules with its `policy_no`: the chain's is 0, then departments, then items, each by name.
    pub fn numbered(&self) -> impl Iterator<Item = (i32, &Rules)> {
        (0..).zip([&self.rules].into_iter().chain(self.departments.values()).chain(self.items.values()))
    }

    /// Every set of rules' department or item; the chain's has neither.
    pub fn names(&self) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
        let departments = self.departments.keys().map(|name| (Some(name.as_str()), None));
        let items = self.items.keys().map(|item| (None, Some(item.as_str())));
        [(None, None)].into_iter().chain(departments).chain(items)
    }
}

impl Default for Ladder {
    /// The numbers of the customer-management articles the domain was drawn from.
    fn default() -> Self {
        let rule = |days, frequency| FrequencyRule { recency_days: days, window_days: days, frequency };
        Ladder {
            dead_idle_days: 180,
            beyond_recall_days: 360,
            dormant_idle_days: 90,
            loyal: rule(180, 5),
            active: rule(120, 3),
            effective: rule(90, 2),
            new_recency_days: 30,
        }
    }
}

impl Default for Risk {
    /// docs/risk.md tells what these bands mean on public data.
    fn default() -> Self {
        Risk { silence: Bands { medium: 0.4, high: 0.5 }, churn: Bands { medium: 0.5, high: 0.75 } }
    }
}

impl Default for ActionOutcome {
    fn default() -> Self {
        ActionOutcome { contact_days: 30, hold_out: None }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            window_days: 365,
            scoring: Scoring { recency: Method::Quintile, frequency: Method::Quintile, monetary: Method::Quintile },
            ladder: Ladder::default(),
            cycle_days: None,
            vip: None,
            margin_millionths: None,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            consumption: Consumption {
                order: true,
                treatment: true,
                package_session: true,
                review: true,
                consultation: false,
            },
            frequency_unit: FrequencyUnit::Days,
            high_from: HighFrom::default(),
            segment_names: SegmentNames::Articles,
            package_valid_days: 365,
            risk: Risk::default(),
            return_prior_customers: 20,
            value_days: 60,
            actions: action::defaults(),
            action_branch: ActionBranch::Latest,
            action_outcome: ActionOutcome::default(),
            coverage: Coverage::default(),
            declining_millionths: 700_000,
            rules: Rules::default(),
            departments: BTreeMap::new(),
            items: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_in_force_from_its_day_until_the_next() {
        let day = |text: &str| text.parse().expect("a date");
        let policy = |window_days| Policy { rules: Rules { window_days, ..Rules::default() }, ..Policy::default() };
        let policies = Policies::new(policy(1), vec![(day("2026-07-01"), policy(2)), (day("2026-09-01"), policy(3))]);
        let on = |text| policies.on(day(text)).rules.window_days;
        assert_eq!((on("2020-01-01"), on("2026-06-30")), (1, 1));
        assert_eq!((on("2026-07-01"), on("2026-08-31")), (2, 2));
        assert_eq!((on("2026-09-01"), on("2030-01-01")), (3, 3));
        assert_eq!(policies.since(day("2026-06-30")), None);
        assert_eq!(policies.since(day("2026-08-31")), Some(day("2026-07-01")));
    }
}
