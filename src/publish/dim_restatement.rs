//! `dim_restatement`: what became of the days that were published anew, of each restatement a row for the chain and one
//! for each branch. Made of the commit records alone, like `dim_snapshot`.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;

use super::commit::{Commit, Restated, RestatedBranch};
use super::history::History;
use super::records::{self, DIM_RESTATEMENT, column};
use super::write::{WrittenTable, write_rows};
use crate::model::{ColumnSpec, ColumnType, Sidecar};
use crate::{Context, Kind, Result};

/// What the table is, as the sidecar of a model would say it.
pub fn sidecar() -> Sidecar {
    let nullable = |spec: ColumnSpec| ColumnSpec { nullable: true, ..spec };
    let money = |spec: ColumnSpec| ColumnSpec { unit: Some("currency of the pipeline".to_owned()), ..nullable(spec) };
    records::sidecar(
        "Days that were published anew: why, and how many customers and how much money that moved.",
        &["as_of", "commit_number", "scope_id"],
        vec![
            column("as_of", ColumnType::Date, "Day that was published anew."),
            column("commit_number", ColumnType::Bigint, "Number of the commit that did."),
            column("scope_id", ColumnType::Text, "Branch id; * for the chain."),
            column("replaced_commit_number", ColumnType::Bigint, "Number of the commit that it took the place of."),
            column("reason", ColumnType::Text, "Why, in the words of whoever asked for it."),
            column("changed_tables", ColumnType::Text, "Tables with other rows, by name."),
            nullable(column("customers_before", ColumnType::Bigint, "Known customers before.")),
            nullable(column("customers_after", ColumnType::Bigint, "Known customers since.")),
            money(column("monetary_before", ColumnType::Money, "Net paid amount in the window before.")),
            money(column("monetary_after", ColumnType::Money, "Net paid amount in the window since.")),
            nullable(column(
                "stage_moves",
                ColumnType::Text,
                "Customers that are in another stage, as `from > to: customers`, most first; - for who wasn't known.",
            )),
            nullable(column(
                "segment_moves",
                ColumnType::Text,
                "Customers that are in another segment, in the same way.",
            )),
        ],
    )
}

/// The restatements of a commit's day up to it, each with what it says of the chain or a branch.
fn rows<'c>(commit: &'c Commit, history: &'c History) -> Vec<(u64, &'c Restated, Option<&'c RestatedBranch>)> {
    let earlier = history.commits().iter().filter(|it| it.as_of == commit.as_of && it.number < commit.number);
    let restated = earlier.chain([commit]).filter_map(|it| Some((it.number, it.restates.as_ref()?)));
    let by_branch = restated.flat_map(|(number, restated)| {
        let none = restated.branches.is_empty().then_some((number, restated, None));
        restated.branches.iter().map(move |branch| (number, restated, Some(branch))).chain(none)
    });
    by_branch.collect()
}

/// Writes the restatements of a commit's day to `path`; `history` has those before it.
///
/// # Errors
/// The file can't be written.
pub fn write(commit: &Commit, history: &History, path: &Path) -> Result<WrittenTable> {
    let cant = || format!("can't build {DIM_RESTATEMENT}");
    let rows = rows(commit, history);
    let whole = |number: u64| i64::try_from(number).ok();
    let texts = |of: &dyn Fn(&RestatedBranch) -> &str| {
        Arc::new(StringArray::from_iter(rows.iter().map(|(.., branch)| branch.map(of)))) as ArrayRef
    };
    let counts = |of: &dyn Fn(&RestatedBranch) -> i64| {
        Arc::new(Int64Array::from_iter(rows.iter().map(|(.., branch)| branch.map(of)))) as ArrayRef
    };
    let money = |of: &dyn Fn(&RestatedBranch) -> i64| -> Result<ArrayRef> {
        let hundredths = rows.iter().map(|(.., branch)| branch.map(|branch| i128::from(of(branch))));
        let amounts = Decimal128Array::from_iter(hundredths).with_precision_and_scale(18, 2);
        Ok(Arc::new(amounts.context(Kind::Bug, cant)?))
    };
    let as_of = Date32Type::from_naive_date(commit.as_of);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|_| as_of))),
        Arc::new(Int64Array::from_iter(rows.iter().map(|(number, ..)| whole(*number)))),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|(.., branch)| branch.map_or("*", |branch| branch.branch_id.as_str())),
        )),
        Arc::new(Int64Array::from_iter(rows.iter().map(|(_, restated, _)| whole(restated.number)))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, restated, _)| restated.reason.as_str()))),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, restated, _)| restated.tables.join(", ")))),
        counts(&|branch| branch.customers.0),
        counts(&|branch| branch.customers.1),
        money(&|branch| branch.monetary_hundredths.0)?,
        money(&|branch| branch.monetary_hundredths.1)?,
        texts(&|branch| &branch.stage_moves),
        texts(&|branch| &branch.segment_moves),
    ];
    let sidecar = sidecar();
    let schema = sidecar.schema();
    let rows = RecordBatch::try_new(schema.clone(), columns).context(Kind::Bug, cant)?;
    write_rows(DIM_RESTATEMENT, path, &schema, &sidecar.grain, &rows)
}
