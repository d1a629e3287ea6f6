//! The nights of a made-up fortnight over a store that fails: what its seed says, run by run, and what must hold after
//! each.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use object_store::memory::InMemory;
use rfmart::config::Pipeline;
use rfmart::publish::{Commit, Depth, Fault as Finding, History as Commits, Warehouse};
use rfmart::run::{Consent, Outcome};
use rfmart::storage::Stores;
use rfmart::{Kind, Result};
use tempfile::TempDir;

use super::chain::{self, DAYS, Export, LATE_DAY, Tables, Truth, day, pipeline, published};
use super::dice::Dice;
use super::reader::Reader;
use super::store::{Failure, Fault, RoughStore};

/// Runs of a night that may fail before one where nothing goes wrong.
const ROUGH_TRIES: usize = 2;

/// A history takes seconds; one that takes so long never ends.
const PATIENCE: Duration = Duration::from_secs(600);

/// One history: a warehouse, its exports, and the runs over them.
pub struct History<'t> {
    truth: &'t Truth,
    dice: Dice,
    store: Arc<InMemory>,
    reader: Arc<Reader>,
    tables: Tables,
    pipeline: Pipeline,
    folder: TempDir,
    /// Exports that have arrived.
    last: u32,
    has_late: bool,
    /// Of a hundred who run while another is suspended, how many publish its day anew, with what came late.
    rivals: usize,
    /// What happened, a line each.
    log: Vec<String>,
    runs: usize,
}

/// What came of a history: its log, how many runs it had, and which promise was broken.
pub struct Told {
    pub log: Vec<String>,
    pub runs: usize,
    pub broken: Option<String>,
}

/// A promise that was broken, in words.
type Promise = Result<(), String>;

impl<'t> History<'t> {
    pub fn new(seed: u64, truth: &'t Truth) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tables = Tables::of(seed);
        let on_branch_failure = if seed.is_multiple_of(2) { "hold" } else { "fail" };
        History {
            truth,
            dice: Dice::new(seed),
            store: Arc::new(InMemory::new()),
            reader: Arc::new(Reader::default()),
            tables,
            pipeline: pipeline(&folder.path().join("state"), tables, on_branch_failure),
            folder,
            last: 0,
            has_late: false,
            rivals: 20,
            log: Vec::new(),
            runs: 0,
        }
    }

    /// Lives through it.
    pub async fn live(mut self) -> Told {
        let lived = tokio::time::timeout(PATIENCE, self.nights()).await;
        let broken = lived.unwrap_or_else(|_| Err("a run hangs".to_owned())).err();
        Told { log: self.log, runs: self.runs, broken }
    }

    /// One night that is suspended before a request of a number, while a late export comes and a rival publishes the
    /// very day with it. None if the night asks for less.
    pub async fn live_suspended(mut self, request: usize) -> Option<Told> {
        let suspended = RoughStore::failing_once(&self.store, &self.reader, Fault::Suspended, request);
        let broken = self.night_beside_a_rival(&suspended).await.err();
        let was_suspended = !suspended.happened().is_empty();
        was_suspended.then_some(Told { log: self.log, runs: self.runs, broken })
    }

    /// Two calm nights, one with a removal of what is left over, and among their listings the first from a request on
    /// that lacks an object; and that request's number. None if there is no such listing.
    pub async fn live_misled(mut self, request: usize) -> Option<(Told, usize)> {
        let misled = RoughStore::failing_once(&self.store, &self.reader, Fault::LackingListing, request);
        let broken = self.misled_night(&misled).await.err();
        let failure = misled.happened().pop()?;
        Some((Told { log: self.log, runs: self.runs, broken }, failure.number))
    }

    async fn misled_night(&mut self, misled: &RoughStore) -> Promise {
        for number in 1..=3 {
            Export::Of(number).arrive(&self.store).await;
            self.last = number;
            if number == 3 {
                self.run(misled, day(number), &Consent::default()).await?;
                self.clear(misled).await?;
            }
            self.calm_run(day(number), &Consent::default()).await?;
        }
        Ok(())
    }

    async fn night_beside_a_rival(&mut self, suspended: &RoughStore) -> Promise {
        (self.last, self.rivals) = (LATE_DAY, 100);
        for number in 1..=self.last {
            Export::Of(number).arrive(&self.store).await;
        }
        self.run(suspended, day(LATE_DAY), &Consent::default()).await?;
        self.end().await
    }

    async fn nights(&mut self) -> Promise {
        let late_from = 1 + u32::try_from(self.dice.below(5)).unwrap();
        for number in 1..=DAYS {
            Export::Of(number).arrive(&self.store).await;
            self.last = number;
            if number == late_from {
                Export::Late.arrive(&self.store).await;
                self.has_late = true;
            }
            self.night(day(number)).await?;
            if self.dice.happens(25) {
                let earlier = day(1 + u32::try_from(self.dice.below(DAYS as usize)).unwrap().min(number - 1));
                self.look_back(earlier).await?;
            }
            if self.dice.happens(15) {
                self.damage_state();
            }
            if self.dice.happens(15) {
                let rough = RoughStore::rough(&self.store, &self.reader, &mut self.dice);
                self.clear(&rough).await?;
            }
        }
        self.end().await
    }

    /// A night: tried again while it fails, at last on a night when nothing goes wrong.
    async fn night(&mut self, as_of: NaiveDate) -> Promise {
        for _ in 0..ROUGH_TRIES {
            let rough = RoughStore::rough(&self.store, &self.reader, &mut self.dice);
            if self.run(&rough, as_of, &Consent::default()).await? {
                return Ok(());
            }
        }
        self.calm_run(as_of, &Consent::default()).await
    }

    /// An earlier day once more, with or without leave to publish it anew.
    async fn look_back(&mut self, as_of: NaiveDate) -> Promise {
        let restate = self.dice.happens(60).then(|| "a late export".to_owned());
        let rough = RoughStore::rough(&self.store, &self.reader, &mut self.dice);
        self.run(&rough, as_of, &Consent { restate, ..Consent::default() }).await?;
        Ok(())
    }

    /// After all, on calm nights: every day is what its exports make of it, and nothing is left over.
    async fn end(&mut self) -> Promise {
        let restate = Some("the end".to_owned());
        for number in 1..=self.last {
            self.calm_run(day(number), &Consent { restate: restate.clone(), ..Consent::default() }).await?;
        }
        let (warehouse, commits) = self.opened().await;
        let findings = warehouse.verify(&commits, Depth::Bytes).await.map_err(|error| error.to_string())?;
        match findings.faults.as_slice() {
            [] => Ok(()),
            faults => Err(format!("after calm nights: {faults:?}")),
        }
    }

    async fn calm_run(&mut self, as_of: NaiveDate, consent: &Consent) -> Promise {
        let calm = RoughStore::calm(&self.store, &self.reader);
        match self.run(&calm, as_of, consent).await? {
            true => Ok(()),
            false => Err("a calm night failed".to_owned()),
        }
    }

    /// One run, whether it ended well, and what must hold then.
    async fn run(&mut self, store: &RoughStore, as_of: NaiveDate, consent: &Consent) -> Result<bool, String> {
        let outcome = self.run_beside(store, as_of, consent).await;
        let happened = store.happened();
        let ended = match &outcome {
            Ok(outcome) => told(outcome),
            Err(error) => format!("{:?}: {error}", error.kind()),
        };
        self.log.push(format!("{as_of} {happened:?}: {ended}"));
        self.judge(as_of, &outcome, &happened, consent)?;
        self.look(as_of, outcome.is_ok()).await?;
        Ok(outcome.is_ok())
    }

    /// Runs; whenever the run is suspended, another one runs to its end meanwhile.
    async fn run_beside(&mut self, store: &RoughStore, as_of: NaiveDate, consent: &Consent) -> Result<Outcome> {
        self.runs += 1;
        let pipeline = self.pipeline.clone();
        let mut run = Box::pin(chain::run(&pipeline, store, as_of, consent));
        loop {
            tokio::select! {
                outcome = &mut run => return outcome,
                () = store.suspended() => self.run_meanwhile(&pipeline, as_of).await,
            }
            store.resume();
        }
    }

    async fn run_meanwhile(&mut self, pipeline: &Pipeline, suspended: NaiveDate) {
        self.runs += 1;
        let is_rival = self.dice.happens(self.rivals);
        if is_rival && !self.has_late {
            Export::Late.arrive(&self.store).await;
            self.has_late = true;
        }
        let any = day(1 + u32::try_from(self.dice.below(self.last as usize)).unwrap());
        let other = if is_rival { suspended } else { any };
        let calm = RoughStore::calm(&self.store, &self.reader);
        let restate = is_rival.then(|| "a rival's".to_owned());
        let outcome = chain::run(pipeline, &calm, other, &Consent { restate, ..Consent::default() }).await;
        let ended = outcome.as_ref().map_or_else(ToString::to_string, told);
        self.log.push(format!("{suspended} suspended; meanwhile {other}: {ended}"));
    }

    /// Whether a run may end so.
    fn judge(&self, as_of: NaiveDate, outcome: &Result<Outcome>, happened: &[Failure], consent: &Consent) -> Promise {
        let Err(error) = outcome else { return Ok(()) };
        let has = |fault: Fault| happened.iter().any(|failure| failure.fault == fault);
        // A day that is published and would come out otherwise is refused without leave.
        let is_refused = consent.restate.is_none() && self.has_late && as_of >= day(2);
        let is_right = match error.kind() {
            // Waiting is no fault of the store's.
            Kind::Storage => !happened.iter().all(|failure| matches!(failure.fault, Fault::Suspended | Fault::Delayed)),
            Kind::Contention => happened.iter().any(|failure| failure.fault != Fault::Refused),
            // Packed bytes that are damaged can't be unpacked, and a damaged line may have another number of fields.
            Kind::Data => {
                is_refused || has(Fault::ShortListing) || has(Fault::LackingListing) || has(Fault::FlippedByte)
            }
            _ => false,
        };
        match is_right {
            true => Ok(()),
            false => Err(format!("{as_of} ended with {:?}, after {happened:?}:\n{error}", error.kind())),
        }
    }

    /// What must hold after every run, however it ended.
    async fn look(&self, as_of: NaiveDate, is_published: bool) -> Promise {
        if let Some(broken) = self.reader.broken().first() {
            return Err(broken.clone());
        }
        let (warehouse, commits) = self.opened().await;
        if let Some(damaged) = commits.damaged().first() {
            return Err(format!("a record is damaged: {damaged:?}"));
        }
        let findings = warehouse.verify(&commits, Depth::Bytes).await.map_err(|error| error.to_string())?;
        let is_bad = |finding: &&Finding| !matches!(finding, Finding::Unsettled(_) | Finding::Stray(_));
        if let Some(bad) = findings.faults.iter().find(is_bad) {
            return Err(format!("what was published is lost: {bad:?}"));
        }
        for commit in commits.in_force() {
            self.is_true(commit).await?;
        }
        match is_published && commits.of_day(as_of).is_none() {
            true => Err(format!("{as_of} ended well and isn't published")),
            false => Ok(()),
        }
    }

    /// A commit's tables are what its day's exports make of them, with the late ones or as yet without; no row is lost.
    async fn is_true(&self, commit: &Commit) -> Promise {
        let found = published(commit);
        let with = self.truth.of(self.tables, commit.as_of, true).await;
        let without = self.truth.of(self.tables, commit.as_of, false).await;
        if found != without && !(self.has_late && found == with) {
            return Err(format!("commit {} of {} has tables that aren't its day's", commit.number, commit.as_of));
        }
        for (entity, rows) in &commit.rows {
            if rows.read != rows.used + rows.duplicates + rows.after_as_of + rows.rejected {
                return Err(format!("commit {}: rows of {entity} don't add up: {rows:?}", commit.number));
            }
        }
        Ok(())
    }

    /// Removes what no commit names, as far as the store lets it; nothing else may be gone then.
    async fn clear(&mut self, store: &RoughStore) -> Promise {
        let warehouse = self.warehouse(store);
        let mut removing = Box::pin(warehouse.remove_strays());
        let removed = loop {
            tokio::select! {
                removed = &mut removing => break removed,
                () = store.suspended() => store.resume(),
            }
        };
        self.log.push(format!("cleared {:?}: {removed:?}", store.happened()));
        self.look(day(self.last), false).await
    }

    fn warehouse(&self, store: &RoughStore) -> Warehouse {
        let root = self.pipeline.publish.location.store.clone();
        let stores = Stores::new(std::collections::BTreeMap::new()).with(root, Arc::new(store.clone()));
        Warehouse::open(&self.pipeline.publish.location, &stores).unwrap()
    }

    async fn opened(&self) -> (Warehouse, Commits) {
        let warehouse = self.warehouse(&RoughStore::calm(&self.store, &self.reader));
        let commits = warehouse.commits().read_all().await.unwrap();
        (warehouse, commits)
    }

    /// A file of what is kept between nights is cut, changed or gone.
    fn damage_state(&mut self) {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("state")];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
            let (below, here): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
            folders.extend(below);
            files.extend(here);
        }
        files.sort();
        if files.is_empty() {
            return;
        }
        let file = &files[self.dice.below(files.len())];
        let mut bytes = fs::read(file).unwrap();
        let at = self.dice.below(bytes.len().max(1));
        match self.dice.below(3) {
            0 => bytes.truncate(at),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1),
            _ => return fs::remove_file(file).unwrap(),
        }
        fs::write(file, bytes).unwrap();
        self.log.push("a file of the state is damaged".to_owned());
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Published(published) => format!("published as {}", published.commit_number),
        Outcome::UpToDate(_) => "up to date".to_owned(),
        Outcome::Unchanged(..) => "unchanged".to_owned(),
        Outcome::Restored(_, files) => format!("{files} files restored"),
    }
}
