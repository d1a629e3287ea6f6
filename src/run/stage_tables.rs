//! The tables that models read but don't make.

use super::dimensions;
use super::facts::{self, Snapshot};
use super::frozen::{self, Rulers};
use super::metrics;
use super::rows;
use super::slots;
use crate::config::Pipeline;
use crate::engine::Engine;
use crate::model::{Catalog, Moment};
use crate::source::Ingested;
use crate::{Context, Kind, Result};

/// Makes the tables available that models read but don't make; without rulers, no cut point is frozen.
pub(super) async fn stage_tables(
    engine: &Engine,
    pipeline: &Pipeline,
    catalog: &Catalog,
    ingested: &Ingested,
    snapshot: Snapshot,
    rulers: Option<&Rulers>,
) -> Result<()> {
    let policy = pipeline.policies.on(snapshot.as_of);
    engine.register_staged(ingested).await?;
    engine.register_rows("run_row_count", rows::table(ingested)?)?;
    for moment in Moment::ALL {
        engine.register_rows_at(moment, slots::TABLE, slots::table(snapshot.at(moment))?)?;
    }
    engine.register_rows(dimensions::TABLE, dimensions::table(pipeline.scopes)?)?;
    engine.register_rows(metrics::TABLE, metrics::table(catalog)?)?;
    let scopes = facts::scopes(pipeline, ingested);
    for (name, rows) in facts::tables(ingested, &scopes)? {
        engine.register_rows(name, rows)?;
    }
    let departments: Vec<&str> = ingested.dictionaries.department.id_of_key.iter().flatten().collect();
    let items: Vec<&str> = ingested.dictionaries.item.id_of_key.iter().flatten().collect();
    let tables = policy.tables(&departments, &items).context(Kind::Bug, || "can't build policy tables".to_owned())?;
    for table in tables {
        engine.register_rows(table.name, table.rows)?;
    }
    let frozen_cuts = match rulers {
        Some(rulers) => rulers.cut_points(policy, &scopes)?,
        None => Rulers::default().cut_points(policy, &[])?,
    };
    engine.register_rows(frozen::TABLE, frozen_cuts)?;
    for seed in catalog.seeds.values() {
        engine.register_seed(seed)?;
    }
    Ok(())
}
