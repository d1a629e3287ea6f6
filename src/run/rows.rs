//! What became of the rows that were read, and which of them contradict each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType::{self, Date32, Int64, Utf8};

use super::answer::{Answer, answers};
use super::conflict::{self, Found};
use super::outcome::PackageSessions;
use crate::config::Pipeline;
use crate::engine::Engine;
use crate::entity::Entity;
use crate::model::Catalog;
use crate::publish::{BranchRows, EntityRows};
use crate::source::{Conflict, Delivery, Ingested, RowCounts, Staged};
use crate::{Context, Kind, Result};

/// What messages call the queries below.
pub const SHOWN: &str = "the count of rows";

/// The model of contradicting rows; a run judges them as soon as it is made.
pub const CONFLICTS: &str = "int_key_conflict";

/// The queries that a run asks by itself, of those whose tables `catalog` makes.
pub fn queries(catalog: &Catalog) -> impl Iterator<Item = &'static str> {
    let sessions = has_sessions(catalog).then_some(SESSIONS);
    [COUNTS, CONFLICT_COUNTS, CONFLICT_ROWS].into_iter().chain(sessions)
}

fn has_sessions(catalog: &Catalog) -> bool {
    catalog.models.contains_key("int_package_session")
}

/// The tables that [`read`] and [`package_sessions`] ask for.
pub const ASKED: [&str; 2] = ["int_row_count", "int_package_session"];

const SESSIONS: &str = "
    select
        coalesce(sum(elsewhere_sessions), 0) as elsewhere_sessions,
        coalesce(sum(ambiguous_sessions), 0) as ambiguous_sessions
    from int_package_session";

const COUNTS: &str = "
    select
        entity, branch_id(branch_key) as branch_id, read, used, duplicates, after_as_of, rejected,
        cast(100 * amount as bigint) as amount_hundredths
    from int_row_count order by entity, branch_id nulls last";

const CONFLICT_COUNTS: &str = "select entity, count(*) as conflicts from int_key_conflict group by entity";

const CONFLICT_ROWS: &str = "
    with ranked as (
        select *, row_number() over (partition by entity order by object_no, row_no) as place from int_key_conflict
    )
    select
        entity, key, branch_id(branch_key) as branch, customer_id(customer_key) as customer, day, object_no, row_no,
        branch_id(kept_branch_key) as kept_branch, customer_id(kept_customer_key) as kept_customer, kept_day,
        kept_object_no, kept_row_no
    from ranked where place <= 10 order by entity, place";

/// Rows as `run_row_count`: entity, branch_key (null: no branch), read, after_as_of, rejected.
///
/// # Errors
/// None that input can cause.
pub fn table(ingested: &Ingested) -> Result<RecordBatch> {
    let staged = ingested.entities.iter().filter(|(entity, _)| entity.is_staged());
    let rows: Vec<_> = staged
        .flat_map(|(entity, staged)| {
            staged.by_branch.iter().map(move |(branch, counts)| (entity.name(), branch, counts))
        })
        .collect();
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let column = |of: fn(&RowCounts) -> u64| {
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, _, counts)| whole(of(counts))))) as ArrayRef
    };
    RecordBatch::try_from_iter_with_nullable([
        ("entity", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0))) as ArrayRef, false),
        ("branch_key", Arc::new(Int32Array::from_iter(rows.iter().map(|row| *row.1))), true),
        ("read", column(|counts| counts.read), false),
        ("after_as_of", column(|counts| counts.after_as_of), false),
        ("rejected", column(|counts| counts.rejected), false),
    ])
    .context(Kind::Bug, || "can't build the table of row counts".to_owned())
}

/// The rows that contradict each other, by entity.
pub type Conflicts = BTreeMap<Entity, Found>;

/// Finds the rows that contradict each other.
///
/// # Errors
/// A share of an entity's rows over `limits.max_conflicting_share`, with examples.
pub async fn judge(engine: &Engine, pipeline: &Pipeline, ingested: &Ingested) -> Result<Conflicts> {
    let conflicts = conflicts(engine, ingested).await?;
    for (entity, found) in &conflicts {
        let read = ingested.entities.get(entity).map_or(0, |staged| staged.rows.read);
        conflict::check_share(*entity, found, read, pipeline, &ingested.inputs)?;
    }
    Ok(conflicts)
}

/// What became of each entity's rows, by its name, and which of them are `conflicts`.
///
/// # Errors
/// None that input can cause.
pub async fn read(
    engine: &Engine,
    pipeline: &Pipeline,
    ingested: &Ingested,
    conflicts: &Conflicts,
) -> Result<BTreeMap<String, EntityRows>> {
    let present = || ingested.entities.iter().filter(|(_, staged)| staged.is_present);
    let mut rows: BTreeMap<String, EntityRows> =
        present().map(|(entity, _)| (entity.name().to_owned(), EntityRows::default())).collect();
    let mut add = |entity: &str, counts: BranchRows| {
        if let Some(rows) = rows.get_mut(entity) {
            rows.add(counts);
        }
    };
    let types = [Utf8, Utf8, Int64, Int64, Int64, Int64, Int64, Int64];
    for answer in answers(engine, SHOWN, COUNTS, &types).await? {
        for row in answer.rows() {
            let count = |column| answer.count(column, row);
            let counts = BranchRows {
                branch_id: answer.text(1, row),
                read: count(2),
                used: count(3),
                duplicates: count(4),
                after_as_of: count(5),
                rejected: count(6),
                amount_hundredths: answer.some_number(7, row),
            };
            add(&answer.text(0, row).unwrap_or_default(), counts);
        }
    }
    for (entity, staged) in present().filter(|(entity, _)| !entity.is_staged()) {
        unstaged(staged, ingested).into_iter().for_each(|counts| add(entity.name(), counts));
    }
    for (entity, found) in conflicts {
        if let Some(rows) = rows.get_mut(entity.name()) {
            rows.conflicting = found.rows;
            rows.conflicts = found.texts(pipeline, &ingested.inputs);
        }
    }
    Ok(rows)
}

/// Rows of customers' numbers: they were put in order while reading.
fn unstaged(staged: &Staged, ingested: &Ingested) -> Vec<BranchRows> {
    let ids = &ingested.dictionaries.branch.id_of_key;
    let counts = staged.by_branch.iter().map(|(key, counts)| {
        let branch_id = key.and_then(|key| usize::try_from(key).ok()).map(|key| ids.value(key).to_owned());
        let replaced = branch_id.as_ref().and_then(|id| ingested.customers.by_branch.get(id));
        let duplicates = replaced.copied().unwrap_or_default();
        BranchRows {
            branch_id,
            read: counts.read,
            used: counts.staged.saturating_sub(duplicates),
            duplicates,
            after_as_of: counts.after_as_of,
            rejected: counts.rejected,
            amount_hundredths: None,
        }
    });
    counts.collect()
}

async fn conflicts(engine: &Engine, ingested: &Ingested) -> Result<Conflicts> {
    let mut found = Conflicts::new();
    for answer in answers(engine, SHOWN, CONFLICT_COUNTS, &[Utf8, Int64]).await? {
        for row in answer.rows() {
            if let Some(entity) = entity_of(&answer, row) {
                found.entry(entity).or_default().rows = answer.count(1, row);
            }
        }
    }
    let delivery = [Utf8, Utf8, Date32, Int64, Int64];
    let types: Vec<DataType> = [Utf8, Utf8].into_iter().chain(delivery.clone()).chain(delivery).collect();
    for answer in answers(engine, SHOWN, CONFLICT_ROWS, &types).await? {
        for row in answer.rows() {
            if let Some(entity) = entity_of(&answer, row) {
                found.entry(entity).or_default().examples.push(conflict_of(entity, &answer, row));
            }
        }
    }
    let mapped = &ingested.customers.conflicts;
    if !mapped.is_empty() {
        let rows = u64::try_from(mapped.len()).unwrap_or(u64::MAX);
        let examples = mapped.iter().take(conflict::EXAMPLES).cloned().collect();
        found.insert(Entity::Customers, Found { rows, examples });
    }
    Ok(found)
}

fn entity_of(answer: &Answer, row: usize) -> Option<Entity> {
    Entity::named(&answer.text(0, row)?)
}

/// A row of [`CONFLICT_ROWS`]: the deliveries begin at its columns 2 and 7.
fn conflict_of(entity: Entity, answer: &Answer, row: usize) -> Conflict {
    let delivery = |first: usize| Delivery {
        branch: answer.text(first, row),
        customer: answer.text(first + 1, row),
        day: answer.day(first + 2, row),
        object_no: i32::try_from(answer.number(first + 3, row)).unwrap_or(i32::MAX),
        row_no: answer.number(first + 4, row),
    };
    Conflict { entity, key: answer.text(1, row).unwrap_or_default(), lost: delivery(2), kept: delivery(7) }
}

/// Where package sessions were found a package.
///
/// # Errors
/// None that input can cause.
pub async fn package_sessions(engine: &Engine, catalog: &Catalog) -> Result<PackageSessions> {
    let mut sessions = PackageSessions::default();
    if !has_sessions(catalog) {
        return Ok(sessions);
    }
    for answer in answers(engine, SHOWN, SESSIONS, &[Int64, Int64]).await? {
        for row in answer.rows() {
            sessions.elsewhere = answer.count(0, row);
            sessions.ambiguous = answer.count(1, row);
        }
    }
    Ok(sessions)
}
