//! The policy as the small tables that SQL joins.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::{
    Coverage, FrequencyRule, Ladder, Method, Policy, Rules, Scoring, StopsAt, Vip, VipMetric, VipTier, action,
};

/// A named table of one batch.
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// Its rows.
    pub rows: RecordBatch,
}

impl Policy {
    /// All policy tables. A set of rules is told by its `policy_no` (see [`Policy::numbered`]).
    /// `departments` and `items` are the run's, ascending: their ranks are their keys. `policy_of_department` has a
    /// row for each, and one under a null key for customers without a department; `policy_of_item` has one for each
    /// that has rules of its own.
    ///
    /// # Errors
    /// None that input can cause; arrow's own if a table were built crooked.
    pub fn tables(&self, departments: &[&str], items: &[&str]) -> Result<Vec<Table>, ArrowError> {
        let [actions, rules] = action::rows(&self.actions)?;
        Ok(vec![
            Table { name: "policy_consumption", rows: self.consumption_rows()? },
            Table { name: "policy_of_department", rows: self.department_rows(departments)? },
            Table { name: "policy_of_item", rows: self.item_rows(items)? },
            Table { name: "policy_cut_point", rows: self.cut_point_rows()? },
            Table { name: "policy_ladder", rows: self.ladder_rows()? },
            Table { name: "policy_high", rows: self.high_rows()? },
            Table { name: "policy_vip_tier", rows: self.vip_rows()? },
            Table { name: "policy_margin", rows: self.margin_rows()? },
            Table { name: "policy_risk", rows: self.risk_rows()? },
            Table { name: "policy_action", rows: actions },
            Table { name: "policy_action_rule", rows: rules },
            Table { name: "policy_item", rows: self.item_policy_rows()? },
            Table { name: "policy_coverage", rows: self.coverage_rows()? },
        ])
    }

    fn department_rows(&self, departments: &[&str]) -> Result<RecordBatch, ArrowError> {
        let numbers: BTreeMap<&str, i32> = self.departments.keys().map(String::as_str).zip(1..).collect();
        let keys = (0_i32..).take(departments.len()).map(Some).chain([None]);
        let of_department = departments.iter().map(|department| numbers.get(department).copied().unwrap_or(0));
        let own = departments.iter().map(|department| self.departments.get(*department));
        let rules = own.map(|rules| rules.unwrap_or(&self.rules)).chain([&self.rules]);
        RecordBatch::try_from_iter_with_nullable([
            ("department_key", Arc::new(Int32Array::from_iter(keys)) as ArrayRef, true),
            ("policy_no", integers(of_department.chain([0])), false),
            ("window_days", window_days(rules), false),
        ])
    }

    fn item_rows(&self, items: &[&str]) -> Result<RecordBatch, ArrowError> {
        let numbers: BTreeMap<&str, i32> =
            self.items.keys().map(String::as_str).zip((1..).skip(self.departments.len())).collect();
        let keyed = (0_i32..).zip(items);
        let own = |(key, item): (i32, &&str)| Some((key, *numbers.get(item)?, self.items.get(*item)?));
        let rows: Vec<(i32, i32, &Rules)> = keyed.filter_map(own).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("item_key", integers(rows.iter().map(|row| row.0)), false),
            ("policy_no", integers(rows.iter().map(|row| row.1)), false),
            ("window_days", window_days(rows.iter().map(|row| row.2)), false),
        ])
    }

    fn consumption_rows(&self) -> Result<RecordBatch, ArrowError> {
        let counted = self.consumption;
        let rows = [
            ("order", None, counted.order),
            ("visit", Some("treatment"), counted.treatment),
            ("visit", Some("package_session"), counted.package_session),
            ("visit", Some("review"), counted.review),
            ("visit", Some("consultation"), counted.consultation),
        ];
        RecordBatch::try_from_iter([
            ("event", text(rows.iter().map(|row| Some(row.0)))),
            ("kind", text(rows.iter().map(|row| row.1))),
            ("is_counted", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.2)))) as ArrayRef),
        ])
    }

    /// How each set of rules scores each metric, with cut points as goodness: recency with its sign
    /// changed, so that more is better everywhere. Where a set of rules scores as the chain does, its
    /// `ruler_no` is the chain's: they share one ruler.
    fn cut_point_rows(&self) -> Result<RecordBatch, ArrowError> {
        let chain = metrics(&self.rules.scoring);
        let mut rows = Vec::new();
        for ((policy_no, rules), (department, item)) in self.numbered().zip(self.names()) {
            for (metric, chains) in metrics(&rules.scoring).into_iter().zip(&chain) {
                let ruler_no = if metric.method == chains.method { 0 } else { policy_no };
                rows.push((policy_no, ruler_no, department, item, metric));
            }
        }
        let cut = |score: usize| {
            hundredths(rows.iter().map(move |(.., metric)| match metric.method {
                Method::Quintile | Method::Frozen(_) => None,
                Method::Thresholds(cuts) => {
                    cuts.0.get(score - 2).copied().flatten().map(|cut| i128::from(cut) * metric.scale)
                }
            }))
        };
        let method = |method: &Method| match method {
            Method::Quintile => "quintile",
            Method::Thresholds(_) => "thresholds",
            Method::Frozen(_) => "frozen",
        };
        RecordBatch::try_from_iter_with_nullable([
            ("policy_no", integers(rows.iter().map(|row| row.0)), false),
            ("ruler_no", integers(rows.iter().map(|row| row.1)), false),
            ("department", text(rows.iter().map(|row| row.2)), true),
            ("item_id", text(rows.iter().map(|row| row.3)), true),
            ("metric_no", integers(rows.iter().map(|row| row.4.number)), false),
            ("metric", text(rows.iter().map(|row| Some(row.4.name))), false),
            ("method", text(rows.iter().map(|row| Some(method(row.4.method)))), false),
            ("cut_2", cut(2), true),
            ("cut_3", cut(3), true),
            ("cut_4", cut(4), true),
            ("cut_5", cut(5), true),
        ])
    }

    /// The score from which on each metric is high, in one row; null where the mean decides.
    fn high_rows(&self) -> Result<RecordBatch, ArrowError> {
        let score = |score: Option<u32>| -> ArrayRef {
            Arc::new(Int32Array::from_iter([score.and_then(|score| i32::try_from(score).ok())]))
        };
        RecordBatch::try_from_iter_with_nullable([
            ("recency_from", score(self.high_from.recency), true),
            ("frequency_from", score(self.high_from.frequency), true),
            ("monetary_from", score(self.high_from.monetary), true),
        ])
    }

    /// The ladder of each set of rules, with the window of frequency and monetary and the cycles of the period status.
    fn ladder_rows(&self) -> Result<RecordBatch, ArrowError> {
        let ladders: Vec<(i32, &Ladder)> = self.numbered().map(|(number, rules)| (number, &rules.ladder)).collect();
        let days = |pick: fn(&Ladder) -> u32| -> ArrayRef {
            Arc::new(Int32Array::from_iter(ladders.iter().map(|(_, ladder)| i32::try_from(pick(ladder)).ok())))
        };
        let rule = |name: &str, pick: fn(&Ladder) -> FrequencyRule| {
            let number = |of: fn(FrequencyRule) -> u32| -> ArrayRef {
                Arc::new(Int32Array::from_iter(ladders.iter().map(|(_, ladder)| i32::try_from(of(pick(ladder))).ok())))
            };
            [
                (format!("{name}_recency_days"), number(|rule| rule.recency_days)),
                (format!("{name}_window_days"), number(|rule| rule.window_days)),
                (format!("{name}_frequency"), number(|rule| rule.frequency)),
            ]
        };
        let mut columns = vec![
            ("policy_no".to_owned(), integers(ladders.iter().map(|(number, _)| *number))),
            ("window_days".to_owned(), window_days(self.numbered().map(|(_, rules)| rules))),
            ("dead_idle_days".to_owned(), days(|ladder| ladder.dead_idle_days)),
            ("beyond_recall_days".to_owned(), days(|ladder| ladder.beyond_recall_days)),
            ("dormant_idle_days".to_owned(), days(|ladder| ladder.dormant_idle_days)),
            ("new_recency_days".to_owned(), days(|ladder| ladder.new_recency_days)),
        ];
        columns.extend(rule("loyal", |ladder| ladder.loyal));
        columns.extend(rule("active", |ladder| ladder.active));
        columns.extend(rule("effective", |ladder| ladder.effective));
        // The length of the period status's cycles; null where they are the reporting periods.
        let cycles = self.numbered().map(|(_, rules)| rules.cycle_days.and_then(|days| i32::try_from(days).ok()));
        columns.push(("cycle_days".to_owned(), Arc::new(Int32Array::from_iter(cycles)) as ArrayRef));
        let columns = columns.into_iter().map(|(name, rows)| {
            let is_nullable = name == "cycle_days";
            (name, rows, is_nullable)
        });
        RecordBatch::try_from_iter_with_nullable(columns)
    }

    fn vip_rows(&self) -> Result<RecordBatch, ArrowError> {
        let with_tiers = self.numbered().filter_map(|(number, rules)| rules.vip.as_ref().map(|vip| (number, vip)));
        let rows: Vec<VipRow> = with_tiers.flat_map(|(number, vip)| vip_tiers(number, vip)).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("policy_no", integers(rows.iter().map(|row| row.policy_no)), false),
            ("metric", text(rows.iter().map(|row| Some(row.metric))), false),
            ("tier_no", integers(rows.iter().map(|row| row.tier_no)), false),
            ("tier", text(rows.iter().map(|row| Some(row.tier))), false),
            ("value_from", hundredths(rows.iter().map(|row| Some(row.from))), false),
            ("value_before", hundredths(rows.iter().map(|row| row.before)), true),
        ])
    }

    fn margin_rows(&self) -> Result<RecordBatch, ArrowError> {
        let margins = self.numbered().map(|(_, rules)| rules.margin_millionths);
        RecordBatch::try_from_iter_with_nullable([
            ("policy_no", integers(self.numbered().map(|(number, _)| number)), false),
            ("margin", millionths(margins), true),
        ])
    }

    /// One row: where the bands of risk begin, and how few customers' returns are trusted.
    fn risk_rows(&self) -> Result<RecordBatch, ArrowError> {
        let share = |share: f64| -> ArrayRef { Arc::new(Float64Array::from_iter_values([share])) };
        RecordBatch::try_from_iter([
            ("silence_medium", share(self.risk.silence.medium)),
            ("silence_high", share(self.risk.silence.high)),
            ("churn_medium", share(self.risk.churn.medium)),
            ("churn_high", share(self.risk.churn.high)),
            ("return_prior_customers", share(f64::from(self.return_prior_customers))),
        ])
    }

    /// One row: what a day is expected to bring, and whose failure stops a run.
    fn coverage_rows(&self) -> Result<RecordBatch, ArrowError> {
        let number = |count: u32| -> ArrayRef { Arc::new(Int32Array::from_iter([i32::try_from(count).ok()])) };
        let Coverage { silent_days, least_rows, amount_factor, stops_at } = self.coverage;
        let stops_at = match stops_at {
            StopsAt::Chain => "chain",
            StopsAt::Branch => "branch",
            StopsAt::Never => "never",
        };
        RecordBatch::try_from_iter([
            ("silent_days", number(silent_days)),
            ("least_rows", number(least_rows)),
            ("amount_factor", number(amount_factor)),
            ("stops_at", text(std::iter::once(Some(stops_at)))),
        ])
    }

    /// One row: the share of the previous period's revenue with which an item is declining.
    fn item_policy_rows(&self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_from_iter([("declining_share", millionths([Some(self.declining_millionths)].into_iter()))])
    }
}

/// How far each set of rules looks back; a window never exceeds what the type holds.
fn window_days<'a>(rules: impl Iterator<Item = &'a Rules>) -> ArrayRef {
    integers(rules.map(|rules| i32::try_from(rules.window_days).unwrap_or(i32::MAX)))
}

/// How a metric is scored.
struct Metric<'a> {
    number: i32,
    name: &'static str,
    method: &'a Method,
    /// From the grid of its cut points to hundredths of goodness.
    scale: i128,
}

fn metrics(scoring: &Scoring) -> [Metric<'_>; 3] {
    let [recency, frequency, monetary] = scoring.methods();
    [
        Metric { number: 1, name: "recency_days", method: recency, scale: -100 },
        Metric { number: 2, name: "frequency", method: frequency, scale: 100 },
        Metric { number: 3, name: "monetary", method: monetary, scale: 1 },
    ]
}

struct VipRow<'a> {
    policy_no: i32,
    metric: &'static str,
    /// From 1, the lowest.
    tier_no: i32,
    tier: &'a str,
    from: i128,
    before: Option<i128>,
}

/// A tier ends where the next one begins.
fn vip_tiers(policy_no: i32, vip: &Vip) -> impl Iterator<Item = VipRow<'_>> {
    let (metric, scale) = match vip.metric {
        VipMetric::Monetary => ("monetary", 1),
        VipMetric::LifetimeMonetary => ("lifetime_monetary", 1),
        VipMetric::Frequency => ("frequency", 100),
    };
    let from = move |tier: &VipTier| i128::from(tier.from) * scale;
    let next = vip.tiers.iter().skip(1).map(Some).chain([None]);
    (1_i32..).zip(&vip.tiers).zip(next).map(move |((tier_no, tier), next)| VipRow {
        policy_no,
        metric,
        tier_no,
        tier: &tier.name,
        from: from(tier),
        before: next.map(from),
    })
}

fn integers(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

fn millionths(values: impl Iterator<Item = Option<u32>>) -> ArrayRef {
    let values = Decimal128Array::from_iter(values.map(|value| value.map(i128::from)));
    Arc::new(values.with_data_type(DataType::Decimal128(9, 6)))
}

fn hundredths(values: impl Iterator<Item = Option<i128>>) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter(values).with_data_type(DataType::Decimal128(18, 2)))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, ArrayRef};
    use arrow::util::display::array_value_to_string;

    use super::super::{CutPoints, Rules};
    use super::*;

    /// `columns` of each row of a table, null as `-`.
    fn rows(policy: &Policy, table: &str, columns: &[&str]) -> Vec<String> {
        let tables = policy.tables(&["dental", "injection", "skin"], &["ACID", "BOTOX", "BOTOX-50"]).expect("tables");
        let rows = &tables.iter().find(|found| found.name == table).expect("a table").rows;
        let cell = |column: &ArrayRef, row| match column.is_null(row) {
            true => "-".to_owned(),
            false => array_value_to_string(column, row).expect("a text"),
        };
        let line = |row| {
            let cells = columns.iter().map(|name| cell(rows.column_by_name(name).expect("a column"), row));
            cells.collect::<Vec<_>>().join(" ")
        };
        (0..rows.num_rows()).map(line).collect()
    }

    /// The default policy, with rules of their own for a department and an item.
    fn policy(department: Rules, item: Rules) -> Policy {
        let departments = BTreeMap::from([("injection".to_owned(), department)]);
        Policy { departments, items: BTreeMap::from([("BOTOX".to_owned(), item)]), ..Policy::default() }
    }

    #[test]
    fn cut_points_are_turned_so_that_more_is_better_and_rulers_alike_are_one() {
        let scoring = Scoring {
            recency: Method::Thresholds(CutPoints([Some(50), Some(40), Some(35), Some(30)])),
            frequency: Method::Quintile,
            // Score 3 is left out, and 5.
            monetary: Method::Thresholds(CutPoints([Some(100_000), Some(200_000), Some(200_000), None])),
        };
        let policy = policy(Rules { scoring, ..Rules::default() }, Rules::default());
        let columns =
            ["policy_no", "ruler_no", "department", "item_id", "metric", "method", "cut_2", "cut_3", "cut_4", "cut_5"];
        assert_eq!(
            rows(&policy, "policy_cut_point", &columns),
            [
                "0 0 - - recency_days quintile - - - -",
                "0 0 - - frequency quintile - - - -",
                "0 0 - - monetary quintile - - - -",
                "1 1 injection - recency_days thresholds -50.00 -40.00 -35.00 -30.00",
                "1 0 injection - frequency quintile - - - -",
                "1 1 injection - monetary thresholds 1000.00 2000.00 2000.00 -",
                "2 0 - BOTOX recency_days quintile - - - -",
                "2 0 - BOTOX frequency quintile - - - -",
                "2 0 - BOTOX monetary quintile - - - -",
            ]
        );
    }

    #[test]
    fn who_has_no_rules_of_their_own_is_under_the_chains() {
        let policy = policy(Rules::default(), Rules::default());
        let of_department = rows(&policy, "policy_of_department", &["department_key", "policy_no"]);
        assert_eq!(of_department, ["0 0", "1 1", "2 0", "- 0"]);
        assert_eq!(rows(&policy, "policy_of_item", &["item_key", "policy_no"]), ["1 2"], "only named ones have a row");
    }

    #[test]
    fn an_item_that_the_run_does_not_have_takes_no_row() {
        let items = ["AAA", "BOTOX-50", "BOTOX"].map(|item| (item.to_owned(), Rules::default()));
        let policy = Policy { items: BTreeMap::from(items), ..policy(Rules::default(), Rules::default()) };
        assert_eq!(rows(&policy, "policy_of_item", &["item_key", "policy_no"]), ["1 3", "2 4"]);
    }

    #[test]
    fn every_set_of_rules_has_its_ladder() {
        let ladder = Ladder { new_recency_days: 45, ..Ladder::default() };
        let policy = policy(Rules { ladder, ..Rules::default() }, Rules::default());
        let columns = &["policy_no", "new_recency_days", "dead_idle_days", "loyal_window_days", "loyal_frequency"];
        assert_eq!(rows(&policy, "policy_ladder", columns), ["0 30 180 180 5", "1 45 180 180 5", "2 30 180 180 5"]);
    }

    #[test]
    fn a_vip_tier_ends_where_the_next_one_begins() {
        let tier = |name: &str, from| VipTier { name: name.to_owned(), from };
        let with = |metric, tiers| Rules { vip: Some(Vip { metric, tiers }), ..Rules::default() };
        let policy = policy(
            with(VipMetric::Monetary, vec![tier("silver", 50_000), tier("gold", 150_000)]),
            with(VipMetric::Frequency, vec![tier("regular", 5)]),
        );
        assert_eq!(
            rows(&policy, "policy_vip_tier", &["policy_no", "metric", "tier", "value_from", "value_before"]),
            ["1 monetary silver 500.00 1500.00", "1 monetary gold 1500.00 -", "2 frequency regular 5.00 -"],
            "a frequency is a count, not hundredths"
        );
    }

    #[test]
    fn a_margin_is_a_share_of_revenue() {
        let policy = policy(Rules { margin_millionths: Some(350_000), ..Rules::default() }, Rules::default());
        assert_eq!(rows(&policy, "policy_margin", &["policy_no", "margin"]), ["0 -", "1 0.350000", "2 -"]);
    }

    #[test]
    fn what_holds_for_everybody_is_one_row() {
        let of_risk = ["silence_medium", "silence_high", "churn_medium", "churn_high", "return_prior_customers"];
        assert_eq!(rows(&Policy::default(), "policy_risk", &of_risk), ["0.4 0.5 0.5 0.75 20.0"]);
        let policy = Policy { declining_millionths: 650_000, ..Policy::default() };
        assert_eq!(rows(&policy, "policy_item", &["declining_share"]), ["0.650000"]);
    }

    #[test]
    fn an_action_has_a_row_per_condition() {
        let named = rows(&Policy::default(), "policy_action", &["action_no", "action", "priority"]);
        assert_eq!((named.len(), named[10].as_str()), (15, "11 care_vip 11"));
        let columns = &["action_no", "stages", "segments", "recency_from", "recency_until", "is_vip"];
        let rules = rows(&Policy::default(), "policy_action_rule", columns);
        assert_eq!(rules[3], "4 - - 30 90 -");
        assert_eq!(rules[10..12], ["11 - 1 - - -", "11 - - - - true"]);
    }

    #[test]
    fn consultations_are_no_consumption_unless_told() {
        let columns = &["event", "kind", "is_counted"];
        let counted = rows(&Policy::default(), "policy_consumption", columns);
        assert_eq!(
            counted,
            [
                "order - true",
                "visit treatment true",
                "visit package_session true",
                "visit review true",
                "visit consultation false"
            ]
        );
    }
}
