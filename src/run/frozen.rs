//! Cut points that an earlier closing snapshot published, for scores that compare across months.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;

use super::facts::{Scope, Snapshot};
use crate::policy::{Method, Policy};
use crate::publish::{Commit, PublishedFile, Warehouse};
use crate::{Context, Error, Kind, Result};

/// The policy table of cut points as goodness: recency with its sign changed.
pub const TABLE: &str = "policy_frozen_cut_point";

/// The published table that they come from.
const PUBLISHED: &str = "fct_score_cut_point";

const METRICS: [&str; 3] = ["recency_days", "frequency", "monetary"];

const CUT_POINTS: [&str; 4] = ["cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];

/// The published cut points of each day that `policy` is frozen on.
///
/// # Errors
/// A day that isn't before as_of, or whose closing snapshot isn't published.
pub fn find(
    policy: &Policy,
    snapshot: Snapshot,
    history: &[Commit],
    warehouse: &str,
) -> Result<BTreeMap<NaiveDate, PublishedFile>> {
    let mut found = BTreeMap::new();
    for day in frozen_days(policy) {
        if day >= snapshot.as_of {
            let message =
                format!("{} can't be scored by the cut points of {day}, a day that isn't before", snapshot.as_of);
            let hint = format!("put `frozen: {day}` under policy.changes, from the day on which it is to hold");
            return Err(Error::new(Kind::Config, message).hint(hint));
        }
        let closing = history.iter().rev().find(|commit| commit.as_of == day && commit.is_period_end);
        let file = closing.and_then(|commit| commit.files.iter().find(|file| file.table == PUBLISHED));
        let Some(file) = file else {
            let message = format!("scores are frozen on {day}, but {warehouse} has no closing snapshot of that day");
            let hint = format!("publish it first, under a policy that doesn't need it: run with --as-of {day}");
            return Err(Error::new(Kind::Config, message).hint(hint));
        };
        found.insert(day, file.clone());
    }
    Ok(found)
}

fn frozen_days(policy: &Policy) -> BTreeSet<NaiveDate> {
    let methods = policy.numbered().flat_map(|(_, rules)| rules.scoring.methods());
    let day = |method: &Method| match method {
        Method::Frozen(day) => Some(*day),
        Method::Quintile | Method::Thresholds(_) => None,
    };
    methods.filter_map(day).collect()
}

/// The published cut points of several days.
#[derive(Default)]
pub struct Rulers(BTreeMap<NaiveDate, Vec<Ruler>>);

/// A row of the published table.
struct Ruler {
    scope: String,
    scope_id: String,
    metric: String,
    department: Option<String>,
    item: Option<String>,
    /// Hundredths of the metric.
    cuts: [Option<i128>; 4],
}

impl Rulers {
    /// Reads the files that [`find`] found.
    ///
    /// # Errors
    /// A file that is gone or isn't what was published; storage that can't be reached.
    pub async fn read(found: &BTreeMap<NaiveDate, PublishedFile>, warehouse: &Warehouse) -> Result<Self> {
        let mut rulers = BTreeMap::new();
        for (day, file) in found {
            let bytes = warehouse.get(file).await?;
            let of_day = rows(bytes).context(Kind::Data, || format!("{} can't be read as cut points", file.path))?;
            rulers.insert(*day, of_day);
        }
        Ok(Rulers(rulers))
    }

    /// The rows of [`TABLE`]: per frozen metric and scope group, the cut points of the same department or
    /// item there, else of the scope group, else of the chain.
    ///
    /// # Errors
    /// A scope group that had none, of a chain that had none.
    pub fn cut_points(&self, policy: &Policy, scopes: &[Scope<'_>]) -> Result<RecordBatch> {
        let mut rows = Vec::new();
        for ((policy_no, rules), name) in policy.numbered().zip(policy.names()) {
            let chains = policy.rules.scoring.methods();
            for (index, (method, chains)) in rules.scoring.methods().into_iter().zip(chains).enumerate() {
                let (Method::Frozen(day), Some(metric)) = (method, METRICS.get(index)) else { continue };
                // Rules that share the chain's method share its ruler.
                let name = if method == chains { (None, None) } else { name };
                let sign = if *metric == "recency_days" { -1 } else { 1 };
                for scope in scopes {
                    let ruler = self.ruler(*day, metric, name, scope).ok_or_else(|| none_for(scope, *day))?;
                    rows.push((policy_no, scope.key, index + 1, ruler.cuts.map(|cut| cut.map(|cut| cut * sign))));
                }
            }
        }
        let cut = |index: usize| -> ArrayRef {
            let values = rows.iter().map(|(.., cuts)| cuts.get(index).copied().flatten());
            Arc::new(Decimal128Array::from_iter(values).with_data_type(DataType::Decimal128(18, 2)))
        };
        let integers = |values: Vec<i32>| Arc::new(Int32Array::from(values)) as ArrayRef;
        let metric_nos = rows.iter().filter_map(|row| i32::try_from(row.2).ok()).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("policy_no", integers(rows.iter().map(|row| row.0).collect()), false),
            ("scope_key", integers(rows.iter().map(|row| row.1).collect()), false),
            ("metric_no", integers(metric_nos), false),
            ("cut_2", cut(0), true),
            ("cut_3", cut(1), true),
            ("cut_4", cut(2), true),
            ("cut_5", cut(3), true),
        ])
        .context(Kind::Bug, || format!("can't build {TABLE}"))
    }

    fn ruler(
        &self,
        day: NaiveDate,
        metric: &str,
        (department, item): (Option<&str>, Option<&str>),
        scope: &Scope<'_>,
    ) -> Option<&Ruler> {
        let rulers = self.0.get(&day)?;
        let find = |scope: (&str, &str), department: Option<&str>, item: Option<&str>| {
            rulers.iter().find(|ruler| {
                (ruler.scope.as_str(), ruler.scope_id.as_str()) == scope
                    && ruler.metric == metric
                    && ruler.department.as_deref() == department
                    && ruler.item.as_deref() == item
            })
        };
        let there = (scope.kind, scope.id);
        let chain = ("chain", "*");
        find(there, department, item)
            .or_else(|| find(there, None, None))
            .or_else(|| find(chain, department, item))
            .or_else(|| find(chain, None, None))
    }
}

fn none_for(scope: &Scope<'_>, day: NaiveDate) -> Error {
    let message =
        format!("the snapshot of {day} has cut points neither for {} {} nor for the chain", scope.kind, scope.id);
    Error::new(Kind::Data, message).hint("freeze a day that was published with `scopes: [chain, branch]`")
}

/// The rulers of a published file, without those that rest on nobody: thresholds stand by themselves.
fn rows(bytes: impl ChunkReader + 'static) -> Result<Vec<Ruler>, Box<dyn std::error::Error + Send + Sync>> {
    let mut rulers = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()? {
        let batch = batch?;
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("there is no column {name}"));
        let text = |name: &str| -> Result<_, String> {
            column(name)?.as_string_opt::<i32>().ok_or_else(|| format!("{name} is not text"))
        };
        let (scopes, scope_ids, metrics) = (text("scope")?, text("scope_id")?, text("metric")?);
        let (departments, items, methods) = (text("department")?, text("item_id")?, text("method")?);
        let customers = column("customers")?.as_primitive_opt::<Int64Type>().ok_or("customers is no count")?;
        let mut cuts = Vec::new();
        for name in CUT_POINTS {
            let cut = column(name)?.as_primitive_opt::<Decimal128Type>();
            cuts.push(cut.ok_or_else(|| format!("{name} is no amount"))?);
        }
        for row in 0..batch.num_rows() {
            let cuts = [0, 1, 2, 3].map(|index| {
                let cut = cuts.get(index).filter(|cut| cut.is_valid(row));
                cut.map(|cut| cut.value(row))
            });
            if methods.value(row) == "quintile" && customers.value(row) == 0 && cuts.iter().all(Option::is_none) {
                continue;
            }
            let optional =
                |column: &arrow::array::StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
            rulers.push(Ruler {
                scope: scopes.value(row).to_owned(),
                scope_id: scope_ids.value(row).to_owned(),
                metric: metrics.value(row).to_owned(),
                department: optional(departments),
                item: optional(items),
                cuts,
            });
        }
    }
    Ok(rulers)
}
