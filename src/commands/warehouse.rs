//! Commands about what is published.

use std::path::Path;

use chrono::Utc;

use super::{block_on, latest_day};
use crate::cli::{
    AnswerFormat, CatalogFormat, CatalogOf, Diff, DiffFormat, Gc, PipelineFile, Runs, Status, StatusFormat, Verify,
};
use rfmart::config::{self, Pipeline};
use rfmart::publish::{Depth, History, Warehouse};
use rfmart::storage::Stores;
use rfmart::{Context, Error, Kind, Result, report};

/// Lists what has been published.
pub fn runs(arguments: &Runs) -> Result<String> {
    let (pipeline, _, history) = opened(&arguments.pipeline)?;
    match arguments.format {
        AnswerFormat::Text => Ok(report::commits(&history) + &status_of(&pipeline, &history).missed_nights()),
        AnswerFormat::Json => report::json(&report::RunsAnswer::of(&history)),
    }
}

/// Opens a pipeline's warehouse and reads its history.
pub(super) fn opened(file: &Path) -> Result<(Pipeline, Warehouse, History)> {
    let pipeline = config::load(file)?;
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    let history = block_on(&pipeline, async { warehouse.commits().read_all().await })?;
    Ok((pipeline, warehouse, history))
}

/// How a warehouse stands now.
fn status_of<'a>(pipeline: &'a Pipeline, history: &'a History) -> report::Status<'a> {
    report::Status { pipeline: &pipeline.name, history, latest: latest_day(pipeline.timezone, Utc::now()) }
}

/// Tells whether the last night is published: the text, and the error if it isn't.
pub fn status(arguments: &Status) -> Result<(String, Option<Error>)> {
    let (pipeline, _, history) = opened(&arguments.pipeline)?;
    let status = status_of(&pipeline, &history);
    let text = match arguments.format {
        StatusFormat::Text => status.text(),
        StatusFormat::Prometheus => status.metrics(),
    };
    Ok((text, status.failure()))
}

/// Tells how two published snapshots differ.
pub fn diff(arguments: &Diff) -> Result<String> {
    let (pipeline, warehouse, history) = opened(&arguments.pipeline)?;
    let commit = |day| {
        history.of_day(day).ok_or_else(|| {
            Error::new(Kind::Usage, format!("there is no snapshot of {day}"))
                .hint("`rfmart runs` lists what is published")
        })
    };
    let (before, after) = (commit(arguments.before)?, commit(arguments.after)?);
    let work = pipeline.limits.work_dir.clone().unwrap_or_else(std::env::temp_dir);
    let difference = block_on(&pipeline, rfmart::diff::difference(&warehouse, before, after, &work))?;
    match arguments.format {
        DiffFormat::Text => Ok(report::difference(&pipeline, &difference)),
        DiffFormat::Json => report::json(&difference),
    }
}

/// Holds published files against their commits: the text, and the error of what isn't in order.
pub fn verify(arguments: &Verify) -> Result<(String, Option<Error>)> {
    let (pipeline, warehouse, history) = opened(&arguments.pipeline)?;
    let depth = if arguments.quick { Depth::Sizes } else { Depth::Bytes };
    let findings = block_on(&pipeline, warehouse.verify(&history, depth))?;
    let failure = (!findings.faults.is_empty()).then(|| report::faulty(&warehouse, &findings));
    Ok((report::findings(&findings, depth), failure))
}

/// Prints a catalog of all tables.
pub fn catalog(arguments: &CatalogOf) -> Result<String> {
    let (pipeline, _, history) = opened(&arguments.pipeline)?;
    if let Some(at) = arguments.at.filter(|at| history.numbered(*at).is_none()) {
        return Err(Error::new(Kind::Usage, format!("there is no commit {at}")).hint("`rfmart runs` lists them"));
    }
    let location = pipeline.publish.location.to_string();
    let root = location.strip_prefix("file://").unwrap_or(&location);
    Ok(match arguments.format {
        CatalogFormat::Duckdb => report::duckdb_catalog(&history, arguments.at, root),
        CatalogFormat::Ducklake => report::ducklake_catalog(&history, arguments.at, root),
    })
}

/// Puts a warehouse in order, as far as its commits tell how.
pub fn repair(file: &PipelineFile) -> Result<String> {
    let (pipeline, warehouse, history) = opened(&file.pipeline)?;
    let work = tempfile::tempdir().context(Kind::Output, || "can't make a temporary folder".to_owned())?;
    Ok(report::repaired(block_on(&pipeline, warehouse.repair(&history, work.path()))?))
}

/// Removes what no commit names.
pub fn gc(arguments: &Gc) -> Result<String> {
    let (pipeline, warehouse, _) = opened(&arguments.pipeline)?;
    let strays = block_on(&pipeline, async {
        match arguments.dry_run {
            true => warehouse.strays_to_remove().await,
            false => warehouse.remove_strays().await,
        }
    })?;
    Ok(report::strays(&strays, arguments.dry_run))
}
