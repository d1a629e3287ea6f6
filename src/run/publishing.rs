//! The last stage of a run: files into the warehouse, and the commit that makes them a snapshot.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::plan::Plan;
use crate::config::Pipeline;
use crate::publish::{
    self, Attempt, Commit, EntityRows, Input, PublishedFile, Restated, Stale, Warehouse, WrittenTable,
};
use crate::source::{self, Ingested, InputObject};
use crate::{Error, Kind, Result};

/// The table, so to speak, of rows that were set aside; it is beside the commits.
pub(super) const REJECTED: &str = "_rfmart/rejected";

/// What a run has made, and where.
pub(super) struct Made<'a> {
    pub pipeline: &'a Pipeline,
    pub plan: &'a Plan,
    pub ingested: &'a Ingested,
    pub tables: &'a [WrittenTable],
    pub rejected: Option<WrittenTable>,
    pub work: &'a Path,
}

/// What a commit tells beside its files.
pub(super) struct Told<'a> {
    pub rows: BTreeMap<String, EntityRows>,
    pub warnings: &'a [String],
    pub restates: Option<Restated>,
    pub stale: Stale,
}

impl<'a> Made<'a> {
    /// Brings the rejected rows together, in one file however many threads set them aside.
    ///
    /// # Errors
    /// The work folder can't be written.
    pub fn new(
        pipeline: &'a Pipeline,
        plan: &'a Plan,
        ingested: &'a Ingested,
        tables: &'a [WrittenTable],
        work: &'a Path,
    ) -> Result<Self> {
        let rejected = match ingested.rejected.as_slice() {
            [] => None,
            files => {
                let path = work.join("rejected.parquet");
                let rows = source::gather_rejected(files, &path)?;
                let (bytes, sha256) = publish::digest(&path)?;
                Some(WrittenTable { table: REJECTED.to_owned(), path, rows, bytes, sha256, columns: Vec::new() })
            }
        };
        Ok(Made { pipeline, plan, ingested, tables, rejected, work })
    }

    fn files(&self) -> impl Iterator<Item = &WrittenTable> {
        self.tables.iter().chain(&self.rejected)
    }
}

/// Publishes what was made as the next commit.
///
/// # Errors
/// Another run took the number; storage that fails. Up to the commit nothing of it is seen; once it is made, the next
/// run moves what this one couldn't.
pub(super) async fn publish(made: &Made<'_>, warehouse: &Warehouse, told: Told<'_>) -> Result<Commit> {
    let attempt = Attempt::new(made.plan.history.next_number())?;
    warehouse.commits().refuse_taken(attempt.number).await?;
    let commit = match upload(made, warehouse, &attempt, told).await {
        Ok(commit) => commit,
        Err(error) => {
            warehouse.forget(&attempt).await;
            return Err(error);
        }
    };
    warehouse.commit(&commit).await?;
    match reveal(made, warehouse, &commit).await {
        Ok(()) => Ok(commit),
        Err(cause) => Err(unrevealed(warehouse, &commit, &cause).await),
    }
}

async fn reveal(made: &Made<'_>, warehouse: &Warehouse, commit: &Commit) -> Result<()> {
    warehouse.reveal(commit).await?;
    if made.pipeline.publish.delta {
        warehouse.write_delta(&warehouse.commits().read_all().await?).await?;
    }
    warehouse.remove_superseded_by(commit).await
}

/// Puts all files into the place of `attempt`; what comes back is the record that would make them a snapshot.
async fn upload(made: &Made<'_>, warehouse: &Warehouse, attempt: &Attempt, told: Told<'_>) -> Result<Commit> {
    let mut files = Vec::new();
    for table in made.files() {
        files.push(warehouse.put_pending(attempt, table, made.plan.snapshot.as_of).await?);
    }
    let mut commit = record(made, attempt, told, files);
    commit.files.extend(warehouse.put_pending_records(&commit, &made.plan.history, made.work).await?);
    warehouse.note_superseded(&commit, &made.plan.history).await?;
    Ok(commit)
}

/// Why a commit's files aren't where readers look: another run may have published the day anew meanwhile.
async fn unrevealed(warehouse: &Warehouse, commit: &Commit, cause: &Error) -> Error {
    let history = warehouse.commits().read_all().await;
    match history.as_ref().ok().and_then(|history| history.of_day(commit.as_of)) {
        Some(newer) if newer.number > commit.number => overtaken(commit, newer),
        _ => is_made(commit, cause),
    }
}

fn overtaken(commit: &Commit, newer: &Commit) -> Error {
    let (day, number, newer) = (commit.as_of, commit.number, newer.number);
    let message =
        format!("the snapshot of {day} was published as commit {number}, and commit {newer} has taken its place");
    Error::new(Kind::Contention, message).hint("another run published the day anew meanwhile; `rfmart runs` tells why")
}

/// Whoever reads this must not think that the night is lost.
fn is_made(commit: &Commit, cause: &Error) -> Error {
    let message = format!("the snapshot of {} is committed, but not all of its files are in place yet", commit.as_of);
    Error::new(cause.kind(), message)
        .detail(cause.to_string())
        .hint("run again, for this day or the next: it moves the rest, and works nothing out anew")
}

/// Puts files of a commit that are gone, or have another size, back where they were.
///
/// # Errors
/// A file that would come out with other bytes; storage that fails.
pub(super) async fn restore(
    made: &Made<'_>,
    warehouse: &Warehouse,
    published: &Commit,
    missing: &[PublishedFile],
) -> Result<()> {
    let attempt = Attempt::of(published);
    for file in missing {
        if publish::is_of_records(&file.table) {
            warehouse.put_pending_record(&file.table, published, &made.plan.history, made.work).await?;
            continue;
        }
        let same = made.files().find(|written| written.table == file.table && written.sha256 == file.sha256);
        let Some(written) = same else { return Err(cannot_restore(warehouse, published, file)) };
        warehouse.put_pending(&attempt, written, published.as_of).await?;
    }
    warehouse.reveal(published).await?;
    Ok(())
}

fn cannot_restore(warehouse: &Warehouse, published: &Commit, file: &PublishedFile) -> Error {
    let message = format!("{}{} is gone or damaged, and would come out with other bytes", warehouse.shown(), file.path);
    Error::new(Kind::Data, message)
        .detail(format!("rfmart {} published it, this is {}", published.rfmart_version, env!("CARGO_PKG_VERSION")))
        .hint("take the file from a backup; `rfmart verify` tells of every file that isn't as it was published")
}

fn record(made: &Made<'_>, attempt: &Attempt, told: Told<'_>, files: Vec<PublishedFile>) -> Commit {
    let (pipeline, plan) = (made.pipeline, made.plan);
    Commit {
        format: publish::FORMAT,
        number: attempt.number,
        parent: plan.history.last().map(|commit| commit.number),
        run_id: run_id(pipeline, plan, &made.ingested.inputs),
        nonce: attempt.nonce.clone(),
        pipeline: pipeline.name.clone(),
        as_of: plan.snapshot.as_of,
        period: plan.snapshot.period.label(),
        is_period_end: plan.snapshot.is_period_end(),
        committed_at: Utc::now(),
        rfmart_version: env!("CARGO_PKG_VERSION").to_owned(),
        policy_sha256: plan.policy_sha256.clone(),
        currency: Some(pipeline.currency.clone()),
        id_scheme: plan.id_scheme.clone(),
        sql_sha256: plan.sql_sha256.clone(),
        restates: told.restates,
        inputs: made.ingested.inputs.iter().map(input).collect(),
        // A check's warning goes on with the rows that it is about; they are in its table.
        warnings: told.warnings.iter().filter_map(|text| text.lines().next()).map(str::to_owned).collect(),
        rows: told.rows,
        stale: told.stale,
        prunes: prunes(pipeline, plan),
        files,
    }
}

/// Days whose snapshots are older than the pipeline keeps them, but for those that close a period.
fn prunes(pipeline: &Pipeline, plan: &Plan) -> Vec<NaiveDate> {
    let as_of = plan.snapshot.as_of;
    let Some(oldest) = pipeline.publish.oldest_daily(as_of) else { return Vec::new() };
    let too_old = |commit: &&Commit| commit.as_of < oldest && !commit.is_period_end;
    plan.history.in_force().filter(too_old).map(|commit| commit.as_of).collect()
}

/// Names the result by what it was made of: contents, not places or times.
fn run_id(pipeline: &Pipeline, plan: &Plan, inputs: &[InputObject]) -> String {
    let mut contents: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
    contents.sort_unstable();
    let made_of = (&pipeline.name, plan.snapshot.as_of, &plan.policy_sha256, &plan.sql_sha256, contents);
    let hash = format!("{:x}", Sha256::digest(format!("{made_of:?}")));
    format!("{}-{}", plan.snapshot.as_of, hash.get(..12).unwrap_or(&hash))
}

fn input(object: &InputObject) -> Input {
    Input {
        entity: object.entity.name().to_owned(),
        url: object.url.clone(),
        size_bytes: object.size_bytes,
        e_tag: object.e_tag.clone(),
        last_modified: object.last_modified,
        sha256: object.sha256.clone(),
    }
}
