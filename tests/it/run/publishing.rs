//! Only a commit makes a file visible, whatever is killed, suspended or run beside.

use std::fs;
use std::path::Path;

use super::{commit, files, named, part, pipeline, publish, small, warehouse};
use crate::common::chain::{Chain, day};
use rfmart::observe::{ReadProgress, RunProgress};
use rfmart::publish::{Commit, History, Warehouse};
use rfmart::run::{Consent, Outcome, Snapshot};
use rfmart::storage::Stores;
use rfmart::{Kind, Result};

const AS_OF: &str = "2024-11-21";

/// Does something as soon as a stage begins.
struct At<F: Fn()> {
    stage: &'static str,
    does: F,
}

impl<F: Fn() + Send + Sync> RunProgress for At<F> {
    fn begin(&self, name: &str) {
        if name == self.stage {
            // On a thread of its own, for what it does may need a runtime.
            std::thread::scope(|scope| scope.spawn(&self.does).join().expect("what is done beside"));
        }
    }
    fn building(&self, _: &str, _: usize, _: usize) {}
    fn reading(&self) -> &dyn ReadProgress {
        self
    }
    fn end(&self) {}
}

impl<F: Fn() + Send + Sync> ReadProgress for At<F> {
    fn start(&self, _: u64, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// A run of a day beside which something happens when `stage` begins.
fn run_beside(chain: &Chain, as_of: &str, stage: &'static str, does: impl Fn() + Send + Sync) -> Result<Outcome> {
    let pipeline = pipeline(chain);
    let progress = At { stage, does };
    let consent = Consent::default();
    let stores = Stores::new(pipeline.storage.clone());
    block_on(rfmart::run::run(&pipeline, &stores, Snapshot::new(&pipeline, day(as_of)), &consent, &progress))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

fn opened(chain: &Chain) -> Warehouse {
    let pipeline = chain.pipeline();
    Warehouse::open(&pipeline.publish.location, &Stores::new(pipeline.storage.clone())).expect("a warehouse")
}

fn settle(chain: &Chain) -> (usize, usize) {
    let warehouse = opened(chain);
    let settled = block_on(async {
        let history: History = warehouse.commits().read_all().await?;
        warehouse.settle(&history).await
    });
    let settled = settled.expect("a warehouse in order");
    (settled.moved, settled.removed)
}

/// Names of the files that readers see, with the folder in place of a name that is made of bytes.
fn seen(chain: &Chain) -> Vec<String> {
    let all = warehouse(chain).into_iter().filter(|(name, _)| !name.starts_with("_rfmart/"));
    all.map(|(name, (bytes, _))| named(&name, &bytes)).collect()
}

/// As a run that died leaves it: `files` of a finished snapshot are in the place of its attempt again.
fn take_back(chain: &Chain, commit: &Commit, tables: &[&str]) {
    let place = chain.path(&format!("warehouse/_rfmart/pending/{:06}-{}", commit.number, commit.nonce));
    fs::create_dir_all(&place).expect("a folder");
    for file in commit.files.iter().filter(|file| tables.contains(&file.table.as_str())) {
        let from = chain.path("warehouse").join(&file.path);
        fs::rename(from, place.join(format!("{}.parquet", file.table))).expect("a published file");
    }
}

fn remove_commit(chain: &Chain, number: u64) {
    fs::remove_file(chain.path(&format!("warehouse/_rfmart/commits/{number:06}.json"))).expect("a commit");
}

#[test]
fn a_run_that_a_rival_overtook_ends_with_75_and_every_file_is_as_the_rival_published_it() {
    let chain = small();
    publish(&chain, "2024-11-20");
    // The rival reads another export: its tables have other bytes.
    let rival = || {
        chain.write("orders/2.csv", "order_id,customer_id,branch_id,paid_at,amount\nA3,c2,B1,2024-11-06,70\n");
        publish(&chain, AS_OF);
    };
    let error = run_beside(&chain, AS_OF, "Publishing", rival).err().expect("a refusal");
    assert_eq!(error.kind(), Kind::Contention, "{error}");
    assert!(error.to_string().contains("another run took commit 2: as of 2024-11-21\nhint: "), "{error}");
    let published = commit(&chain, 2);
    for file in &published.files {
        let bytes = fs::read(chain.path("warehouse").join(&file.path)).expect("a file");
        assert_eq!(super::sha256(&bytes), file.sha256, "{}", file.path);
    }
    assert_eq!(seen(&chain).len(), commit(&chain, 1).files.len() + published.files.len(), "nothing else is there");
    assert!(!chain.path("warehouse/_rfmart/pending").exists(), "the loser has cleared its place");
}

#[test]
fn until_the_commit_nothing_of_a_run_is_seen() {
    let chain = small();
    publish(&chain, AS_OF);
    let first = commit(&chain, 1);
    let all: Vec<&str> = first.files.iter().map(|file| file.table.as_str()).collect();
    take_back(&chain, &first, &all);
    remove_commit(&chain, 1);
    assert_eq!(seen(&chain), [""; 0]);
    // It may be alive: nobody has its number.
    assert_eq!(settle(&chain), (0, 0));
    assert!(chain.path(&format!("warehouse/_rfmart/pending/000001-{}", first.nonce)).exists());
    // Another takes the number, and what the first had put is removed.
    publish(&chain, AS_OF);
    assert_ne!(commit(&chain, 1).nonce, first.nonce);
    assert_eq!(settle(&chain), (0, all.len()));
    assert_eq!(seen(&chain).len(), all.len());
    assert!(!chain.path("warehouse/_rfmart/pending").exists());
}

#[test]
fn what_a_run_left_that_died_after_its_commit_is_put_in_place_by_the_next() {
    for as_of in [AS_OF, "2024-11-22"] {
        let chain = small();
        publish(&chain, AS_OF);
        let before = seen(&chain);
        take_back(&chain, &commit(&chain, 1), &["fct_customer_rfm", "dim_branch", "dim_snapshot"]);
        assert_eq!(seen(&chain).len(), before.len() - 3);
        publish(&chain, as_of);
        let after: Vec<String> = seen(&chain).into_iter().filter(|name| name.contains(AS_OF)).collect();
        assert_eq!(after, before);
        assert!(!chain.path("warehouse/_rfmart/pending").exists());
    }
}

#[test]
fn a_run_that_wakes_after_others_finished_its_work_takes_nothing_away() {
    let chain = small();
    publish(&chain, AS_OF);
    let before = warehouse(&chain);
    let (warehouse_of, first) = (opened(&chain), commit(&chain, 1));
    assert_eq!(block_on(warehouse_of.reveal(&first)).expect("nothing to do"), 0);
    assert!(before == warehouse(&chain));
}

#[test]
fn a_file_that_is_gone_or_cut_short_is_made_again() {
    let chain = small();
    publish(&chain, AS_OF);
    let before = files_of(&chain);
    for table in ["fct_customer_rfm", "dim_snapshot"] {
        fs::remove_file(part(&chain, table, AS_OF)).expect("a file");
    }
    fs::write(part(&chain, "dim_item", AS_OF), "half").expect("a file");
    let outcome = publish(&chain, AS_OF);
    assert!(matches!(outcome, Outcome::Restored(commit, 3) if commit.number == 1));
    assert!(before == files_of(&chain));
    assert!(matches!(publish(&chain, AS_OF), Outcome::UpToDate(_)));
}

fn files_of(chain: &Chain) -> Vec<(String, Vec<u8>)> {
    warehouse(chain).into_iter().map(|(name, (bytes, _))| (name, bytes)).collect()
}

#[test]
fn a_damaged_record_keeps_nobody_from_publishing_and_is_told_of() {
    for damage in ["", "{\"format\": 1, \"numb"] {
        let chain = small();
        publish(&chain, "2024-11-20");
        chain.write("warehouse/_rfmart/commits/000002.json", damage);
        let Outcome::Published(published) = publish(&chain, AS_OF) else { panic!("it isn't published") };
        assert_eq!(published.commit_number, 3);
        let warnings = published.warnings.join("\n");
        assert!(warnings.contains("the commit record _rfmart/commits/000002.json can't be read: "), "{warnings}");
        assert_eq!(commit(&chain, 3).parent, Some(1));
    }
}

#[test]
fn a_record_of_a_later_rfmart_is_refused() {
    let chain = small();
    publish(&chain, "2024-11-20");
    chain.write("warehouse/_rfmart/commits/000002.json", "{\"format\": 99, \"rfmart_version\": \"9.0.0\"}");
    let before = files(Path::new(&chain.path("warehouse")));
    let error = super::refusal(&chain, AS_OF);
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("commit 2 has format 99"), "{error}");
    assert!(before == files(Path::new(&chain.path("warehouse"))));
}
