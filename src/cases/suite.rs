//! The cases of a set of models.

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use tempfile::TempDir;

use super::case::Case;
use super::perform::{CaseOutcome, CaseResult, perform};
use super::read::read;
use super::settings;
use crate::diagnostic::Place;
use crate::entity::Entity;
use crate::model::{Catalog, Origin};
use crate::observe::RunProgress;
use crate::run::{self, Schemas, Snapshot};
use crate::yaml::Mistakes;
use crate::{Context, Error, Kind, Result};

/// The cases of a set of models, ready to be carried out.
pub struct Suite {
    catalog: Catalog,
    schemas: Schemas,
    cases: Vec<Case>,
    /// Where rows and tables go.
    _folder: TempDir,
}

impl Suite {
    /// The cases of `catalog`; of these, those whose name or file holds `filter`.
    ///
    /// # Errors
    /// Mistakes in models or cases, each with its place; no case.
    pub async fn read(catalog: Catalog, filter: Option<&str>) -> Result<Self> {
        if catalog.cases.is_empty() {
            let hint = "write one into tests/ beside the folders of models, as docs/testing.md shows";
            return Err(Error::new(Kind::Config, "there is no case to run").hint(hint));
        }
        let folder = tempfile::tempdir().context(Kind::Output, || "can't create a folder for the rows".to_owned())?;
        let schemas = schemas(&catalog, folder.path()).await?;
        let mut cases = read(catalog.cases.values(), &schemas, folder.path())?;
        if let Some(part) = filter {
            let found = cases.len();
            cases.retain(|case| case.is_named(part));
            if cases.is_empty() {
                let message = format!("none of {found} cases is named `{part}`, nor is a file of them");
                return Err(
                    Error::new(Kind::Usage, message).hint("without --filter, all cases run and tell their names")
                );
            }
        }
        Ok(Suite { catalog, schemas, cases, _folder: folder })
    }

    /// The cases, in the order of their files.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Carries all cases out, as many at a time as there are cores, and tells what became of each, in their order.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn perform(&self, progress: &dyn RunProgress) -> Result<Vec<CaseResult>> {
        progress.begin("Testing");
        let next = AtomicUsize::new(0);
        let work = || self.perform_next(&next, progress);
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut results = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..cores.min(self.cases.len())).map(|_| scope.spawn(work)).collect();
            let results = threads.into_iter().map(|thread| match thread.join() {
                Ok(results) => results,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            results.collect::<Result<Vec<_>>>()
        })?
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
        results.sort_by_key(|(number, _)| *number);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    /// Carries out cases, from the next that nobody has begun to the last, and numbers the results by their cases.
    fn perform_next(&self, next: &AtomicUsize, progress: &dyn RunProgress) -> Result<Vec<(usize, CaseResult)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context(Kind::Bug, || "can't start the runtime".to_owned())?;
        let mut results = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = self.cases.get(number) else { return Ok(results) };
            progress.building(&case.name, number, self.cases.len());
            results.push((number, runtime.block_on(perform(case, &self.catalog, &self.schemas))));
        }
    }

    /// How many of the cases ship with the program; none where other models stand in place of those that do.
    pub fn built_in(&self) -> Option<usize> {
        let ships = |origin: &Origin| *origin == Origin::BuiltIn;
        self.catalog
            .cases
            .values()
            .any(|file| ships(&file.origin))
            .then(|| self.cases.iter().filter(|case| ships(&case.origin)).count())
    }
}

/// The failure of a run of cases, if one failed.
pub fn failure(results: &[CaseResult]) -> Option<Error> {
    let failed = results.iter().filter(|result| !matches!(result.outcome, CaseOutcome::Passed)).count();
    let of = match results.len() {
        1 => "1 case".to_owned(),
        count => format!("{count} cases"),
    };
    (failed > 0).then(|| Error::new(Kind::Data, format!("{failed} of {of} failed")))
}

/// What models and checks give; that they can be planned at all is told here once.
async fn schemas(catalog: &Catalog, folder: &Path) -> Result<Schemas> {
    let mut mistakes = Mistakes::of("a case");
    let pipeline = settings::pipeline(Vec::new(), [Entity::Orders], folder, Place::START, &mut mistakes)?;
    let pipeline = pipeline.ok_or_else(|| Error::new(Kind::Bug, "a case without settings is no pipeline"))?;
    let snapshot = Snapshot::new(&pipeline, NaiveDate::default());
    run::rehearse(&pipeline, catalog, snapshot).await
}
