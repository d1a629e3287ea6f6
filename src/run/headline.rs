//! The figures that a summary shows first, read from the tables that were just written.

use arrow::datatypes::DataType::{self, Int64, Utf8};

use super::answer::answers;
use super::outcome::Headline;
use crate::Result;
use crate::engine::Engine;
use crate::model::Catalog;

/// What messages call the headline figures.
pub const SHOWN: &str = "the summary after a run";

/// The queries that the headline figures come from, of those whose tables `catalog` makes.
pub fn queries(catalog: &Catalog) -> impl Iterator<Item = &'static str> {
    ALL.into_iter().filter(|sql| has_its_tables(sql, catalog))
}

const ALL: [&str; 3] = [STAGES, SEGMENTS, BRANCHES];

fn has_its_tables(sql: &str, catalog: &Catalog) -> bool {
    let reads = |table: &str| sql.split_whitespace().any(|word| word == table);
    ["dim_stage", "dim_segment", "fct_lifecycle_snapshot", "fct_customer_rfm", "fct_period_summary"]
        .iter()
        .all(|table| !reads(table) || catalog.models.contains_key(*table))
}

const STAGES: &str = "
    select dim_stage.stage, count(snapshot.customer_id) as customers
    from dim_stage
    left join (select stage, customer_id from fct_lifecycle_snapshot where scope = 'chain') as snapshot
        on dim_stage.stage = snapshot.stage
    group by dim_stage.stage, dim_stage.sort_order
    order by dim_stage.sort_order";

const SEGMENTS: &str = "
    select dim_segment.segment, count(rfm.customer_id) as customers, coalesce(sum(rfm.monetary), 0) as monetary
    from dim_segment
    left join (select segment, customer_id, monetary from fct_customer_rfm where scope = 'chain') as rfm
        on dim_segment.segment = rfm.segment
    group by dim_segment.segment, dim_segment.sort_order
    order by dim_segment.sort_order";

const BRANCHES: &str = "
    select scope_id, revenue from fct_period_summary where scope = 'branch' order by revenue desc, scope_id";

/// Reads the headline figures.
///
/// # Errors
/// None that input can cause.
pub async fn read(engine: &Engine, catalog: &Catalog) -> Result<Headline> {
    let ask = async |sql, types: &[DataType]| match has_its_tables(sql, catalog) {
        true => answers(engine, SHOWN, sql, types).await,
        false => Ok(Vec::new()),
    };
    let mut headline = Headline::default();
    for answer in ask(STAGES, &[Utf8, Int64]).await? {
        let row = |row| (answer.text(0, row).unwrap_or_default(), answer.number(1, row));
        headline.stages.extend(answer.rows().map(row));
    }
    for answer in ask(SEGMENTS, &[Utf8, Int64, Utf8]).await? {
        let text = |column, row| answer.text(column, row).unwrap_or_default();
        headline.segments.extend(answer.rows().map(|row| (text(0, row), answer.number(1, row), text(2, row))));
    }
    for answer in ask(BRANCHES, &[Utf8, Utf8]).await? {
        let text = |column, row| answer.text(column, row).unwrap_or_default();
        headline.branches.extend(answer.rows().map(|row| (text(0, row), text(1, row))));
    }
    Ok(headline)
}
