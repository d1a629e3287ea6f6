//! The policy as the small tables that SQL joins.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::{FrequencyRule, Ladder, Method, Policy};

/// A named table of one batch.
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// Its rows.
    pub rows: RecordBatch,
}

impl Policy {
    /// All policy tables. `departments` are the run's, ascending: the ladder has a row for each, by
    /// its rank as key, and one under a null key for customers without a department.
    ///
    /// # Errors
    /// None that input can cause; arrow's own if a table were built crooked.
    pub fn tables(&self, departments: &[&str]) -> Result<Vec<Table>, ArrowError> {
        Ok(vec![
            Table { name: "policy_consumption", rows: self.consumption_rows()? },
            Table { name: "policy_metric", rows: self.metric_rows()? },
            Table { name: "policy_ladder", rows: self.ladder_rows(departments)? },
            Table { name: "policy_vip_tier", rows: self.vip_rows()? },
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

    /// Cut points as goodness: recency with its sign changed, so that more is better everywhere.
    fn metric_rows(&self) -> Result<RecordBatch, ArrowError> {
        let metrics = [
            ("recency_days", &self.scoring.recency, -100),
            ("frequency", &self.scoring.frequency, 100),
            ("monetary", &self.scoring.monetary, 1),
        ];
        let cut = |score: usize| {
            hundredths(metrics.iter().map(move |(_, method, scale)| match method {
                Method::Quintile => None,
                Method::Thresholds(cuts) => cuts.0.get(score - 2).map(|cut| i128::from(*cut) * scale),
            }))
        };
        let method = |method: &Method| match method {
            Method::Quintile => "quintile",
            Method::Thresholds(_) => "thresholds",
        };
        RecordBatch::try_from_iter([
            ("metric_no", Arc::new(Int32Array::from(vec![1, 2, 3])) as ArrayRef),
            ("metric", text(metrics.iter().map(|row| Some(row.0)))),
            ("method", text(metrics.iter().map(|row| Some(method(row.1))))),
            ("cut_2", cut(2)),
            ("cut_3", cut(3)),
            ("cut_4", cut(4)),
            ("cut_5", cut(5)),
        ])
    }

    fn ladder_rows(&self, departments: &[&str]) -> Result<RecordBatch, ArrowError> {
        let lifecycle = &self.lifecycle;
        let of = |department: &str| lifecycle.departments.get(department).unwrap_or(&lifecycle.default);
        let ladders: Vec<&Ladder> =
            departments.iter().map(|department| of(department)).chain([&lifecycle.default]).collect();
        let keys = (0_i32..).take(departments.len()).map(Some).chain([None]);
        let days = |pick: fn(&Ladder) -> u32| -> ArrayRef {
            Arc::new(Int32Array::from_iter(ladders.iter().map(|ladder| i32::try_from(pick(ladder)).ok())))
        };
        let rule = |name: &str, pick: fn(&Ladder) -> FrequencyRule| {
            let number = |of: fn(FrequencyRule) -> u32| -> ArrayRef {
                Arc::new(Int32Array::from_iter(ladders.iter().map(|ladder| i32::try_from(of(pick(ladder))).ok())))
            };
            [
                (format!("{name}_recency_days"), number(|rule| rule.recency_days)),
                (format!("{name}_window_days"), number(|rule| rule.window_days)),
                (format!("{name}_frequency"), number(|rule| rule.frequency)),
            ]
        };
        let mut columns = vec![
            ("department_key".to_owned(), Arc::new(Int32Array::from_iter(keys)) as ArrayRef),
            ("dead_recency_days".to_owned(), days(|ladder| ladder.dead_recency_days)),
            ("beyond_recall_days".to_owned(), days(|ladder| ladder.beyond_recall_days)),
            ("dormant_idle_days".to_owned(), days(|ladder| ladder.dormant_idle_days)),
            ("new_recency_days".to_owned(), days(|ladder| ladder.new_recency_days)),
        ];
        columns.extend(rule("loyal", |ladder| ladder.loyal));
        columns.extend(rule("active", |ladder| ladder.active));
        columns.extend(rule("effective", |ladder| ladder.effective));
        RecordBatch::try_from_iter(columns)
    }

    fn vip_rows(&self) -> Result<RecordBatch, ArrowError> {
        let tiers = self.vip.as_ref().map_or(&[][..], |vip| &vip.tiers);
        let scale = match self.vip.as_ref().map(|vip| vip.metric) {
            Some(super::VipMetric::Frequency) => 100,
            _ => 1,
        };
        let from = |tier: &super::VipTier| i128::from(tier.from) * scale;
        RecordBatch::try_from_iter([
            ("tier", text(tiers.iter().map(|tier| Some(tier.name.as_str())))),
            ("tier_no", Arc::new(Int32Array::from_iter_values((1_i32..).take(tiers.len()))) as ArrayRef),
            ("value_from", hundredths(tiers.iter().map(|tier| Some(from(tier))))),
            ("value_before", hundredths((1..=tiers.len()).map(|next| tiers.get(next).map(from)))),
        ])
    }
}

fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

fn hundredths(values: impl Iterator<Item = Option<i128>>) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter(values).with_data_type(DataType::Decimal128(18, 2)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow::array::{Array, ArrayRef};
    use arrow::util::display::array_value_to_string;

    use super::super::{Lifecycle, Scoring, Vip, VipMetric, VipTier, presets};
    use super::*;

    /// `columns` of each row of a table, null as `-`.
    fn rows(policy: &Policy, departments: &[&str], table: &str, columns: &[&str]) -> Vec<String> {
        let tables = policy.tables(departments).expect("tables");
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

    #[test]
    fn cut_points_are_turned_so_that_more_is_better() {
        let scoring = Scoring {
            recency: Method::Thresholds(presets::INJECTION_RECENCY),
            frequency: Method::Quintile,
            monetary: Method::Thresholds(presets::INJECTION_MONETARY),
        };
        let policy = Policy { scoring, ..Policy::default() };
        assert_eq!(
            rows(&policy, &[], "policy_metric", &["metric_no", "metric", "method", "cut_2", "cut_3", "cut_4", "cut_5"]),
            [
                "1 recency_days thresholds -50.00 -40.00 -35.00 -30.00",
                "2 frequency quintile - - - -",
                "3 monetary thresholds 1000.00 1500.00 2000.00 2500.00"
            ]
        );
    }

    #[test]
    fn a_department_has_the_ladder_of_its_name_and_the_rest_the_default() {
        let own = Ladder { new_recency_days: 45, ..Ladder::default() };
        let unused = Ladder { new_recency_days: 99, ..Ladder::default() };
        let departments = BTreeMap::from([("injection".to_owned(), own), ("nowhere".to_owned(), unused)]);
        let policy =
            Policy { lifecycle: Lifecycle { departments, ..Policy::default().lifecycle }, ..Policy::default() };
        let columns =
            &["department_key", "new_recency_days", "dead_recency_days", "loyal_window_days", "loyal_frequency"];
        assert_eq!(
            rows(&policy, &["dental", "injection", "skin"], "policy_ladder", columns),
            ["0 30 180 180 5", "1 45 180 180 5", "2 30 180 180 5", "- 30 180 180 5"]
        );
    }

    #[test]
    fn a_vip_tier_ends_where_the_next_one_begins() {
        let tier = |name: &str, from| VipTier { name: name.to_owned(), from };
        let tiers = |metric, tiers| {
            let policy = Policy { vip: Some(Vip { metric, tiers }), ..Policy::default() };
            rows(&policy, &[], "policy_vip_tier", &["tier", "value_from", "value_before"])
        };
        assert_eq!(
            tiers(VipMetric::Monetary, vec![tier("silver", 50_000), tier("gold", 150_000)]),
            ["silver 500.00 1500.00", "gold 1500.00 -"]
        );
        assert_eq!(
            tiers(VipMetric::Frequency, vec![tier("regular", 5)]),
            ["regular 5.00 -"],
            "a count, not hundredths"
        );
        assert!(rows(&Policy::default(), &[], "policy_vip_tier", &["tier"]).is_empty());
    }

    #[test]
    fn consultations_are_no_consumption_unless_told() {
        let columns = &["event", "kind", "is_counted"];
        let counted = rows(&Policy::default(), &[], "policy_consumption", columns);
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
