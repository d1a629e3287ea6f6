//! What a run would do.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{Pipeline, Source};
use crate::run::{ComparedObject, ObjectCounts, Plan, Verdict};

/// What a run would do, as `rfmart plan --format json` tells it.
#[derive(Debug, JsonSchema, Serialize)]
pub struct PlanAnswer {
    /// Pipeline name.
    pub pipeline: String,
    /// Day whose end the snapshot would describe, YYYY-MM-DD.
    pub as_of: String,
    /// Reporting period that holds it, such as 2026-11.
    pub period: String,
    /// Whether the snapshot would close its period.
    pub is_period_end: bool,
    /// What a run would do.
    pub verdict: VerdictName,
    /// What has changed since the commit of this day, in words; only if `verdict` is `work_out_again`.
    pub changes: Vec<String>,
    /// Files that are gone or damaged, by their place; only if `verdict` is `restore`.
    pub missing_files: Vec<String>,
    /// The commit that objects are compared with; null if there is none yet.
    pub compared_with: Option<u64>,
    /// The objects of all sources, counted.
    pub sources: Vec<SourceAnswer>,
    /// Every object with what has become of it, the missing ones too; null unless `--objects` asks for them.
    pub objects: Option<Vec<ObjectAnswer>>,
}

/// What a run would do.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// Publish the snapshot.
    Publish,
    /// Nothing: it is published, from the same inputs.
    UpToDate,
    /// Make files again that are gone or damaged.
    Restore,
    /// Work out a published snapshot again, and refuse if a table differs, unless told to restate.
    WorkOutAgain,
}

/// The objects of a source by what has become of them since the commit that they are compared with.
#[derive(Debug, JsonSchema, Serialize)]
pub struct SourceAnswer {
    /// What it holds.
    pub entity: String,
    /// Where it is.
    pub location: String,
    /// Objects that the commit didn't read.
    pub new: u64,
    /// Objects with other bytes since.
    pub replaced: u64,
    /// Objects that are the same.
    pub same: u64,
    /// Objects that are gone.
    pub missing: u64,
    /// Objects whose rows stay as they were read.
    pub stay_read: u64,
    /// Bytes of all but the missing ones.
    pub bytes: u64,
}

/// An object.
#[derive(Debug, JsonSchema, Serialize)]
pub struct ObjectAnswer {
    /// What it holds.
    pub entity: String,
    /// Its URL, without credentials.
    pub url: String,
    /// Size in bytes.
    pub bytes: u64,
    /// What has become of it: new, replaced, same or missing.
    pub change: String,
    /// Whether its rows stay as they were read.
    pub stays_read: bool,
}

impl PlanAnswer {
    /// Of a plan of `pipeline`; `lists_objects` adds each of them.
    pub fn of(pipeline: &Pipeline, plan: &Plan, lists_objects: bool) -> Self {
        let (verdict, changes, missing_files) = match &plan.verdict {
            Verdict::Publish => (VerdictName::Publish, Vec::new(), Vec::new()),
            Verdict::UpToDate => (VerdictName::UpToDate, Vec::new(), Vec::new()),
            Verdict::Restore(files) => {
                (VerdictName::Restore, Vec::new(), files.iter().map(|file| file.path.clone()).collect())
            }
            Verdict::Changed(changes) => (VerdictName::WorkOutAgain, changes.clone(), Vec::new()),
        };
        PlanAnswer {
            pipeline: pipeline.name.clone(),
            as_of: plan.snapshot.as_of.to_string(),
            period: plan.snapshot.period.label(),
            is_period_end: plan.snapshot.is_period_end(),
            verdict,
            changes,
            missing_files,
            compared_with: plan.compared_with().map(|commit| commit.number),
            sources: sources(pipeline, plan),
            objects: lists_objects.then(|| plan.objects.iter().map(ObjectAnswer::of).collect()),
        }
    }
}

fn sources(pipeline: &Pipeline, plan: &Plan) -> Vec<SourceAnswer> {
    let of_source = |(place, source): (usize, &Source)| {
        let counts = ObjectCounts::of(plan.objects.iter().filter(|object| object.source == Some(place)));
        SourceAnswer {
            entity: source.entity.name().to_owned(),
            location: source.location.to_string(),
            new: counts.new,
            replaced: counts.replaced,
            same: counts.same,
            missing: counts.missing,
            stay_read: counts.kept,
            bytes: counts.bytes,
        }
    };
    pipeline.sources.iter().enumerate().map(of_source).collect()
}

impl ObjectAnswer {
    fn of(object: &ComparedObject) -> Self {
        ObjectAnswer {
            entity: object.entity.clone(),
            url: object.url.clone(),
            bytes: object.size_bytes,
            change: object.change.name().to_owned(),
            stays_read: object.stays_read,
        }
    }
}
