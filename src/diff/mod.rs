//! How two published snapshots differ: who is in another stage or segment, and what money there is, by branch.

mod tables;

use std::path::Path;

use arrow::datatypes::DataType::{Int64, Utf8};
use chrono::NaiveDate;
use serde::Serialize;

use crate::Result;
use crate::publish::{Commit, Warehouse, WrittenTable};

use tables::Tables;

/// How two snapshots differ.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// The one.
    pub before: Side,
    /// The other.
    pub after: Side,
    /// The chain (`*`) and its branches, in the order of their ids.
    pub branches: Vec<Branch>,
}

/// A snapshot that is compared.
#[derive(Debug, Serialize)]
pub struct Side {
    /// Its day.
    pub as_of: NaiveDate,
    /// The commit that published it.
    pub commit: u64,
}

/// What is different at a branch, or in the chain.
#[derive(Debug, Serialize)]
pub struct Branch {
    /// Its id; `*` for the chain.
    pub branch_id: String,
    /// Known customers.
    pub customers: [i64; 2],
    /// Net paid amount in the window, in hundredths of the currency.
    pub monetary_hundredths: [i64; 2],
    /// Customers that are in another stage, or known in one of the two alone, most first.
    pub stages: Vec<Move>,
    /// Customers that are in another segment, most first.
    pub segments: Vec<Move>,
}

/// Customers that went from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Where they were; null for who wasn't there.
    pub from: Option<String>,
    /// Where they are; null for who isn't there any more.
    pub to: Option<String>,
    /// How many.
    pub customers: i64,
}

impl Move {
    /// Where they were and where they are, as a person reads it: `-` for who isn't there.
    pub fn ends(&self) -> [&str; 2] {
        [&self.from, &self.to].map(|end| end.as_deref().unwrap_or("-"))
    }
}

/// Stages are told of everyone known, segments of who has consumed.
const STAGES: &str = "fct_lifecycle_snapshot";
const SEGMENTS: &str = "fct_customer_rfm";
const TABLES: [&str; 2] = [STAGES, SEGMENTS];

const SUMS: &str = "
    select
        coalesce(before.scope_id, after.scope_id) as scope_id,
        coalesce(before.customers, 0) as customers_before,
        coalesce(after.customers, 0) as customers_after,
        coalesce(before.monetary, 0) as monetary_before,
        coalesce(after.monetary, 0) as monetary_after
    from (
        select scope_id, count(*) as customers, cast(100 * sum(monetary) as bigint) as monetary
        from before_fct_lifecycle_snapshot where scope in ('chain', 'branch') group by scope_id
    ) as before
    full join (
        select scope_id, count(*) as customers, cast(100 * sum(monetary) as bigint) as monetary
        from after_fct_lifecycle_snapshot where scope in ('chain', 'branch') group by scope_id
    ) as after on before.scope_id = after.scope_id
    order by scope_id";

/// The query of who moved between values of a column of a table.
fn moves(table: &str, column: &str) -> String {
    format!(
        "select
            coalesce(before.scope_id, after.scope_id) as scope_id, before.{column} as from_value,
            after.{column} as to_value, count(*) as customers
        from (select * from before_{table} where scope in ('chain', 'branch')) as before
        full join (select * from after_{table} where scope in ('chain', 'branch')) as after
            on before.scope = after.scope and before.scope_id = after.scope_id
            and before.customer_id = after.customer_id
        where before.{column} is distinct from after.{column}
        group by 1, 2, 3
        order by 1, 4 desc, 2, 3"
    )
}

/// Compares the snapshots of two commits whose files are there; copies of them lie in `work` meanwhile.
///
/// # Errors
/// Tables that weren't published, files that are gone or damaged; storage that can't be reached.
pub async fn difference(warehouse: &Warehouse, before: &Commit, after: &Commit, work: &Path) -> Result<Difference> {
    let tables = Tables::new(work)?;
    for (side, commit) in [("before", before), ("after", after)] {
        for table in TABLES {
            tables.open(side, warehouse, commit, table).await?;
        }
    }
    let side = |commit: &Commit| Side { as_of: commit.as_of, commit: commit.number };
    Ok(Difference { before: side(before), after: side(after), branches: branches(&tables).await? })
}

/// What is different in tables that are about to take the place of a commit's; none where either lacks those that tell.
///
/// # Errors
/// Files that are gone or damaged; storage that can't be reached.
pub async fn restatement(
    warehouse: &Warehouse,
    before: &Commit,
    after: &[WrittenTable],
    work: &Path,
) -> Result<Vec<Branch>> {
    let tables = Tables::new(work)?;
    for table in TABLES {
        let written = after.iter().find(|written| written.table == table);
        let (true, Some(written)) = (before.files.iter().any(|file| file.table == table), written) else {
            return Ok(Vec::new());
        };
        tables.open("before", warehouse, before, table).await?;
        tables.open_file("after", table, &written.path).await?;
    }
    branches(&tables).await
}

async fn branches(tables: &Tables) -> Result<Vec<Branch>> {
    let stages = moves_by_branch(tables, STAGES, "stage").await?;
    let segments = moves_by_branch(tables, SEGMENTS, "segment").await?;
    let of_branch = |all: &[(String, Move)], id: &str| -> Vec<Move> {
        all.iter().filter(|(branch, _)| branch == id).map(|(_, moved)| moved.clone()).collect()
    };
    let mut branches = Vec::new();
    for answer in tables.ask(SUMS, &[Utf8, Int64, Int64, Int64, Int64]).await? {
        for row in answer.rows() {
            let branch_id = answer.text(0, row).unwrap_or_default();
            branches.push(Branch {
                customers: [answer.number(1, row), answer.number(2, row)],
                monetary_hundredths: [answer.number(3, row), answer.number(4, row)],
                stages: of_branch(&stages, &branch_id),
                segments: of_branch(&segments, &branch_id),
                branch_id,
            });
        }
    }
    Ok(branches)
}

async fn moves_by_branch(tables: &Tables, table: &str, column: &str) -> Result<Vec<(String, Move)>> {
    let mut all = Vec::new();
    for answer in tables.ask(&moves(table, column), &[Utf8, Utf8, Utf8, Int64]).await? {
        for row in answer.rows() {
            let moved = Move { from: answer.text(1, row), to: answer.text(2, row), customers: answer.number(3, row) };
            all.push((answer.text(0, row).unwrap_or_default(), moved));
        }
    }
    Ok(all)
}
