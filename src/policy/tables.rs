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
