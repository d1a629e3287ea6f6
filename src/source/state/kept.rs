//! What of a state stands for a run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use tracing::{info, warn};

use super::folder::StateFolder;
use super::ids;
use super::manifest::{KeptFile, KeptObject, Manifest, Pack};
use super::scan::Scanned;
use super::standing::{self, Standings};
use crate::config::Pipeline;
use crate::entity::Entity;
use crate::source::list::FoundObject;
use crate::source::parse::parsed_time::day_number;
use crate::source::staging::interner::KnownIds;
use crate::source::staging::interners::PerDomain;
use crate::source::staging::references::{Unused, Used};

/// What of a state stands, and stays read.
#[derive(Default)]
pub(in crate::source) struct Kept {
    pub(super) packs: Vec<Pack>,
    /// What the rows have, by entity.
    pub scanned: BTreeMap<Entity, Scanned>,
    /// What references stand for.
    pub known: PerDomain<KnownIds>,
    /// Hash of what the rows were held against.
    lookups: String,
}

impl Kept {
    /// What of the state in `folder`, if there is one, stands for the objects `found`; gives these the references that
    /// staged rows have, or will have.
    pub fn of(folder: Option<&StateFolder>, pipeline: &Pipeline, found: &mut [FoundObject], as_of: NaiveDate) -> Self {
        let kept = folder.map(|folder| match Manifest::read(folder.path()) {
            Ok(manifest) => Kept::by(manifest, folder.path(), pipeline, found, as_of),
            Err(unread) => {
                info!("all objects are read: {unread} in {}", folder.path().display());
                Kept::default()
            }
        });
        let kept = kept.unwrap_or_default();
        kept.number(found);
        kept
    }

    /// The same by a manifest in which kept rows stand in for held objects.
    pub(super) fn with_held(
        manifest: Manifest,
        folder: &StateFolder,
        pipeline: &Pipeline,
        found: &mut [FoundObject],
        as_of: NaiveDate,
    ) -> Self {
        let kept = Kept::by(manifest, folder.path(), pipeline, found, as_of);
        kept.number(found);
        kept
    }

    fn by(manifest: Manifest, folder: &Path, pipeline: &Pipeline, found: &[FoundObject], as_of: NaiveDate) -> Self {
        let standings = Standings::of(pipeline, found, as_of, &manifest);
        let (lookups, ids) = (manifest.lookups.clone(), manifest.ids.clone());
        let packs = standings.whole_packs(manifest);
        let kept = scan(folder, packs, day_number(as_of), pipeline.limits.target_partitions);
        match kept.used().try_map(|domain, used| known_ids(folder, ids.get(domain), used)) {
            Ok(known) => Kept { known, lookups, ..kept },
            Err(cause) => {
                warn!("all objects are read again, for the ids in {} can't be used: {cause}", folder.display());
                Kept::default()
            }
        }
    }

    fn add(&mut self, pack: Pack, scanned: Scanned) {
        self.scanned.entry(pack.entity).or_default().merge(scanned);
        self.packs.push(pack);
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &KeptObject> {
        self.packs.iter().flat_map(|pack| &pack.objects)
    }

    fn merge(&mut self, other: Kept) {
        self.packs.extend(other.packs);
        for (entity, scanned) in other.scanned {
            self.scanned.entry(entity).or_default().merge(scanned);
        }
    }

    /// References that rows have.
    fn used(&self) -> PerDomain<Used> {
        let mut all = Scanned::default();
        self.scanned.values().for_each(|scanned| all.merge_used(&scanned.used));
        all.used
    }

    /// References that no row has.
    pub fn unused(&self) -> PerDomain<Unused> {
        let PerDomain { customer, branch, department, item } = self.used();
        PerDomain {
            customer: customer.unused(),
            branch: branch.unused(),
            department: department.unused(),
            item: item.unused(),
        }
    }

    /// An object that stays read keeps its reference, the others get what is left.
    fn number(&self, found: &mut [FoundObject]) {
        let known = standing::by_place(self.objects());
        let mut used = Used::default();
        known.values().for_each(|object| used.mark(object.object_ref));
        let unused = used.unused();
        let mut given = 0;
        for object in found {
            let kept = known.get(&standing::place_of(object)).map(|kept| kept.object_ref);
            object.is_kept = kept.is_some();
            object.object_ref = kept.or_else(|| unused.nth(given)).unwrap_or(i32::MAX);
            given += i32::from(!object.is_kept);
        }
    }

    /// Lets everything go, and says so, if rows would be held against something else now than they were.
    pub fn hold_against(&mut self, lookups: &str, found: &mut [FoundObject]) -> bool {
        if self.packs.is_empty() || self.lookups == lookups {
            return false;
        }
        info!("all objects are read again: branches, or what customers' numbers stand for, have changed");
        *self = Kept::default();
        found.iter_mut().for_each(|object| object.is_kept = false);
        true
    }
}

fn known_ids(folder: &Path, file: Option<&KeptFile>, used: &Used) -> Result<KnownIds, String> {
    if used.count() == 0 {
        return Ok(KnownIds::default());
    }
    let file = file.ok_or("there are none")?;
    let known = ids::read(&file.checked(folder)?, used).map_err(|cause| cause.to_string())?;
    known.ok_or_else(|| format!("{} lacks some", file.name))
}

/// Looks at the rows of all packs, by several threads. A pack with a file that isn't what it was is left out.
fn scan(folder: &Path, packs: Vec<Pack>, as_of: i32, threads: usize) -> Kept {
    let queue = Mutex::new(packs.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut kept = Kept::default();
        while let Some(pack) = next() {
            let mut scanned = Scanned::default();
            let files = pack.files.iter().try_for_each(|file| scanned.add(pack.entity, folder, file, as_of));
            let rejected = || pack.rejected_files().try_for_each(|file| file.checked(folder).map(drop));
            match files.and_then(|()| rejected()) {
                Ok(()) => kept.add(pack, scanned),
                Err(cause) => warn!(
                    "{} objects are read again, for what was kept of them can't be used: {cause}",
                    pack.objects.len()
                ),
            }
        }
        kept
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut kept = Kept::default();
        for part in threads.into_iter().filter_map(|thread| thread.join().ok()) {
            kept.merge(part);
        }
        kept
    })
}
