//! The figures that a summary shows first, read from the tables that were just written.

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::outcome::Headline;
use crate::engine::{self, Engine};
use crate::model::{Catalog, Moment};
use crate::{Context, Kind, Result};

/// What messages call the headline figures.
pub const SHOWN: &str = "the summary after a run";

/// The queries that the headline figures come from, of those whose tables `catalog` makes.
pub fn queries(catalog: &Catalog) -> impl Iterator<Item = &'static str> {
    ALL.into_iter().filter(|sql| can_be_asked(sql, catalog))
}

const ALL: [&str; 3] = [STAGES, SEGMENTS, BRANCHES];

fn can_be_asked(sql: &str, catalog: &Catalog) -> bool {
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
    let rows = async |sql| match can_be_asked(sql, catalog) {
        true => rows(engine, sql).await,
        false => Ok(Vec::new()),
    };
    let count = |text: &String| text.parse().unwrap_or_default();
    let mut headline = Headline::default();
    for row in rows(STAGES).await? {
        if let [stage, customers] = row.as_slice() {
            headline.stages.push((stage.clone(), count(customers)));
        }
    }
    for row in rows(SEGMENTS).await? {
        if let [segment, customers, monetary] = row.as_slice() {
            headline.segments.push((segment.clone(), count(customers), monetary.clone()));
        }
    }
    for row in rows(BRANCHES).await? {
        if let [branch, revenue] = row.as_slice() {
            headline.branches.push((branch.clone(), revenue.clone()));
        }
    }
    Ok(headline)
}

async fn rows(engine: &Engine, sql: &str) -> Result<Vec<Vec<String>>> {
    let frame = engine.query(SHOWN, sql, Moment::Closing).await?;
    let batches = frame.collect().await.map_err(|cause| engine::failed(SHOWN, &cause))?;
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(texts(batch)?);
    }
    Ok(rows)
}

fn texts(batch: &RecordBatch) -> Result<Vec<Vec<String>>> {
    let mut rows = vec![Vec::new(); batch.num_rows()];
    for column in batch.columns() {
        let column = cast(column, &DataType::Utf8).context(Kind::Bug, || "can't show the summary".to_owned())?;
        for (row, value) in rows.iter_mut().zip(column.as_string::<i32>()) {
            row.push(value.unwrap_or_default().to_owned());
        }
    }
    Ok(rows)
}
