//! What a run would do, and why, before anything is read or written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::changes::{Change, ComparedObject, compare};
use super::facts::Snapshot;
use super::frozen;
use crate::config::{Pipeline, Source};
use crate::model::Catalog;
use crate::policy::Policy;
use crate::publish::{Commit, History, PublishedFile, Warehouse};
use crate::source::{self, Held, Listing};
use crate::storage::Stores;
use crate::{Error, Kind, Result};

/// What there is to do.
pub struct Plan {
    /// The day and period.
    pub snapshot: Snapshot,
    /// Objects that would be read.
    pub listing: Listing,
    /// These, and those that are missing, beside the commit that [`Plan::compared_with`] tells.
    pub objects: Vec<ComparedObject>,
    /// What else has changed since that commit, in words.
    pub rules: Vec<String>,
    /// Published cut points by which the policy in force scores, by their day.
    pub frozen: BTreeMap<NaiveDate, PublishedFile>,
    /// SHA-256 of what else decides the numbers.
    pub policy_sha256: String,
    /// How customers' ids are made; None if they are published as read.
    pub id_scheme: Option<String>,
    /// SHA-256 of the models.
    pub sql_sha256: String,
    /// Commits so far, the oldest first.
    pub history: History,
    /// What follows.
    pub verdict: Verdict,
}

/// Changes that keep a published snapshot from being published again are shown up to this number.
pub const CHANGES_SHOWN: usize = 10;

/// What follows from a plan.
pub enum Verdict {
    /// The snapshot isn't published yet.
    Publish,
    /// It is, from the same inputs, policy and SQL.
    UpToDate,
    /// It is, from the same, but these of its files are gone or have another size: a run makes them again.
    Restore(Vec<PublishedFile>),
    /// It is, but from something else: each change in words. A run works it out again, and tells whether it differs.
    Changed(Vec<String>),
}

impl Plan {
    /// The commit of this snapshot, if it is published.
    pub fn published(&self) -> Option<&Commit> {
        self.history.of_day(self.snapshot.as_of)
    }

    /// The commit that tells what has changed: that of this snapshot, else the last one.
    pub fn compared_with(&self) -> Option<&Commit> {
        self.published().or(self.history.last())
    }
}

/// Compares what there is with what was published, as `history` tells.
///
/// # Errors
/// Storage that can't be reached; a warehouse that another pipeline publishes to, or whose customers have
/// other ids.
pub async fn plan(
    pipeline: &Pipeline,
    catalog: &Catalog,
    stores: &Stores,
    warehouse: &Warehouse,
    history: History,
    snapshot: Snapshot,
    held: &Held,
) -> Result<Plan> {
    if let Some(other) = history.commits().iter().find(|commit| commit.pipeline != pipeline.name) {
        let message = format!("{} holds the tables of pipeline {}", warehouse.shown(), other.pipeline);
        return Err(Error::new(Kind::Config, message).hint("give this pipeline a publish.location of its own"));
    }
    if let Some(other) =
        history.last().and_then(|newest| newest.currency.as_ref()).filter(|it| **it != pipeline.currency)
    {
        let (shown, now) = (warehouse.shown(), &pipeline.currency);
        let message = format!("{shown} holds amounts in {other}, and the pipeline's are in {now}");
        return Err(
            Error::new(Kind::Config, message).hint("give amounts in another currency a publish.location of their own")
        );
    }
    let id_scheme = source::id_scheme(pipeline);
    if let Some(newest) = history.last().filter(|newest| newest.id_scheme != id_scheme) {
        return Err(other_ids(warehouse, newest.id_scheme.as_deref(), id_scheme.as_deref()));
    }
    let policy = pipeline.policies.on(snapshot.as_of);
    let frozen = frozen::find(policy, snapshot, history.commits(), warehouse.shown())?;
    let mut plan = Plan {
        snapshot,
        listing: Listing::of(pipeline, stores, held).await?,
        policy_sha256: policy_fingerprint(pipeline, policy, &frozen, id_scheme.as_deref()),
        frozen,
        id_scheme,
        objects: Vec::new(),
        rules: Vec::new(),
        sql_sha256: catalog.fingerprint(),
        history,
        verdict: Verdict::Publish,
    };
    plan.objects = compare(pipeline, &plan.listing.objects(pipeline, snapshot.as_of), plan.compared_with());
    plan.rules = plan.compared_with().map(|commit| changed_rules(&plan, commit)).unwrap_or_default();
    if let Some(published) = plan.published() {
        let changes = changes(&plan);
        plan.verdict = match changes.is_empty() {
            false => Verdict::Changed(changes),
            true => match warehouse.missing(published).await? {
                missing if missing.is_empty() => Verdict::UpToDate,
                missing => Verdict::Restore(missing),
            },
        };
    }
    Ok(plan)
}

/// Customers would not be found again from one night to the next.
fn other_ids(warehouse: &Warehouse, newest: Option<&str>, now: Option<&str>) -> Error {
    let is_of_branches = |scheme: Option<&str>| scheme.is_some_and(|scheme| scheme.starts_with("branch"));
    let is_hashed = |scheme: Option<&str>| scheme.is_some_and(|scheme| scheme.contains("hmac"));
    let difference = match (is_hashed(newest), is_hashed(now)) {
        _ if is_of_branches(newest) && !is_of_branches(now) => "unique in a branch, but customer_ids says in the chain",
        _ if is_of_branches(now) && !is_of_branches(newest) => "unique in the chain, but customer_ids says in a branch",
        (true, true) => "hashed with another privacy.key",
        (true, false) => "hashed, but the pipeline has no privacy",
        (false, _) => "as they were read, but the pipeline has privacy",
    };
    let message = format!("{} holds customer ids {difference}", warehouse.shown());
    Error::new(Kind::Config, message)
        .hint("go back to what it began with, or publish to a new publish.location and backfill it")
}

/// SHA-256, hex, of everything in the pipeline that decides a published number, but for the inputs: of its
/// policies the one in force, with the contents of what that is frozen on.
fn policy_fingerprint(
    pipeline: &Pipeline,
    policy: &Policy,
    frozen: &BTreeMap<NaiveDate, PublishedFile>,
    id_scheme: Option<&str>,
) -> String {
    let rulers: Vec<_> = frozen.iter().map(|(day, file)| (day, &file.sha256)).collect();
    let sources: Vec<_> = pipeline.sources.iter().map(Source::rules).collect();
    let decides = format!(
        "{:?}",
        (
            (policy, rulers, pipeline.timezone, &pipeline.currency, pipeline.period, pipeline.scopes),
            (sources, pipeline.ids, id_scheme)
        )
    );
    format!("{:x}", Sha256::digest(decides))
}

fn changed_rules(plan: &Plan, commit: &Commit) -> Vec<String> {
    let mut changed = Vec::new();
    if commit.policy_sha256 != plan.policy_sha256 {
        changed.push("the policy, a snapshot that its scores are frozen on, or how sources are mapped".to_owned());
    }
    if commit.sql_sha256 != plan.sql_sha256 {
        changed.push(format!("the models (published by rfmart {})", commit.rfmart_version));
    }
    changed
}

/// All that has changed since the snapshot was published.
fn changes(plan: &Plan) -> Vec<String> {
    let objects = plan.objects.iter().filter(|object| object.change != Change::Same);
    let objects = objects.map(|object| format!("{} object {}", object.change.name(), object.url));
    plan.rules.iter().cloned().chain(objects).collect()
}
