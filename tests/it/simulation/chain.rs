//! A tiny chain: what its branches export each day, and what each day's tables must be.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use flate2::Compression;
use flate2::write::GzEncoder;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use rfmart::config::{self, Pipeline};
use rfmart::observe::Quiet;
use rfmart::publish::{Commit, is_of_records};
use rfmart::run::{Consent, Outcome, Snapshot};
use rfmart::storage::Stores;
use rfmart::{Error, Result};

use super::dice::Dice;
use super::reader::Reader;
use super::store::RoughStore;
use crate::common::chain::Chain;

/// Where the warehouse is in its store.
pub const WAREHOUSE: &str = "warehouse";

/// Days that are published.
pub const DAYS: u32 = 5;

/// Rows of a branch and day.
const ROWS: usize = 12;

/// Rows of a branch on the first day: so few that nothing but the care for exports that are gone misses them.
const FIRST_ROWS: usize = 1;

/// The day whose export has a part that comes late.
pub const LATE_DAY: u32 = 2;

/// Rows of that part, at each branch.
const LATE_ROWS: usize = 3;

const PIPELINE: &str = "\
name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders: {location: 's3://clinics/exports/orders-*', format: csv}
publish: {location: 's3://clinics/warehouse/', tables: TABLES, delta: true}
limits: {memory: 1GiB, target_partitions: 1, max_rejected_share: 0.0, state_dir: STATE, on_branch_failure: FAILURE}
";

/// Which tables are published. Those of customers take three times as long, and what can go wrong with a night hardly
/// depends on what it works out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tables {
    Few,
    More,
}

impl Tables {
    /// Those of a history: of one in five, more.
    pub fn of(seed: u64) -> Self {
        if seed.is_multiple_of(5) { Tables::More } else { Tables::Few }
    }

    fn names(self) -> &'static str {
        match self {
            Tables::Few => "[dim_branch]",
            Tables::More => "[dim_branch, dim_customer, fct_coverage]",
        }
    }
}

/// The `number`th day, from 1.
pub fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 11, number).unwrap()
}

/// An export: what branches sell on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    Of(u32),
    /// The part of an earlier day that comes late.
    Late,
}

impl Export {
    fn key(self) -> Path {
        match self {
            // Packed and plain ones, for both have ways of their own.
            Export::Of(number) if number % 2 == 0 => Path::from(format!("exports/orders-{number}.csv.gz")),
            Export::Of(number) => Path::from(format!("exports/orders-{number}.csv")),
            Export::Late => Path::from("exports/orders-late.csv"),
        }
    }

    fn rows(self) -> String {
        let (number, rows, mark) = match self {
            Export::Of(1) => (1, FIRST_ROWS, "o"),
            Export::Of(number) => (number, ROWS, "o"),
            Export::Late => (LATE_DAY, LATE_ROWS, "l"),
        };
        let mut dice = Dice::new(u64::from(number));
        let mut text = "order_id,customer_id,branch_id,paid_at,amount\n".to_owned();
        // What comes late makes a branch known, and so changes every table.
        let branches: &[&str] = if self == Export::Late { &["B1", "B2", "B3"] } else { &["B1", "B2"] };
        for branch in branches {
            for row in 0..rows {
                let (customer, amount) = (dice.below(9), 100 + dice.below(900));
                let date = day(number);
                text.push_str(&format!("{mark}{number}-{branch}-{row},c{customer},{branch},{date},{amount}\n"));
            }
        }
        text
    }

    /// Puts it into a store.
    pub async fn arrive(self, store: &InMemory) {
        let mut bytes = self.rows().into_bytes();
        if self.key().as_ref().ends_with(".gz") {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&bytes).unwrap();
            bytes = packed.finish().unwrap();
        }
        store.put(&self.key(), bytes.into()).await.unwrap();
    }
}

/// The pipeline, whose state is kept in `folder`.
pub fn pipeline(folder: &FilePath, tables: Tables, on_branch_failure: &str) -> Pipeline {
    let text = PIPELINE.replace("STATE", &folder.display().to_string()).replace("TABLES", tables.names());
    let text = text.replace("FAILURE", on_branch_failure);
    let yaml = Chain::new(&text);
    config::load(&yaml.path("pipeline.yaml")).unwrap()
}

/// A run of the pipeline for a day over a store.
pub async fn run(pipeline: &Pipeline, store: &RoughStore, as_of: NaiveDate, consent: &Consent) -> Result<Outcome> {
    let root = pipeline.publish.location.store.clone();
    let stores = Stores::new(BTreeMap::new()).with(root, Arc::new(store.clone()) as Arc<dyn ObjectStore>);
    rfmart::run::run(pipeline, &stores, Snapshot::new(pipeline, as_of), consent, &Quiet).await
}

/// What a day publishes: tables by their SHA-256.
pub type Published = BTreeMap<String, String>;

/// The tables that a commit tells, without what it says of the run.
pub fn published(commit: &Commit) -> Published {
    let files = commit.files.iter().filter(|file| !is_of_records(&file.table) && !file.table.starts_with('_'));
    files.map(|file| (file.table.clone(), file.sha256.clone())).collect()
}

/// What a day's tables are where nothing goes wrong: of one run, in an empty warehouse, over all exports at once.
#[derive(Default)]
pub struct Truth(Mutex<BTreeMap<(Tables, NaiveDate, bool), Published>>);

impl Truth {
    pub async fn of(&self, tables: Tables, as_of: NaiveDate, has_late: bool) -> Published {
        if let Some(known) = self.0.lock().unwrap().get(&(tables, as_of, has_late)) {
            return known.clone();
        }
        let found = Self::work_out(tables, as_of, has_late).await.expect("a calm night");
        self.0.lock().unwrap().insert((tables, as_of, has_late), found.clone());
        found
    }

    async fn work_out(tables: Tables, as_of: NaiveDate, has_late: bool) -> Result<Published, Error> {
        let store = Arc::new(InMemory::new());
        for number in 1..=DAYS {
            Export::Of(number).arrive(&store).await;
        }
        if has_late {
            Export::Late.arrive(&store).await;
        }
        let folder = tempfile::tempdir().unwrap();
        let rough = RoughStore::calm(&store, &Arc::new(Reader::default()));
        run(&pipeline(folder.path(), tables, "fail"), &rough, as_of, &Consent::default()).await?;
        let record = store.get(&Path::from("warehouse/_rfmart/commits/000001.json")).await.unwrap();
        Ok(published(&serde_json::from_slice(&record.bytes().await.unwrap()).unwrap()))
    }
}
