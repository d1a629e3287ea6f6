//! What stays read is what would be read: a run that keeps its rows gives what one without a state gives.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use arrow::array::StringArray;
use proptest::prelude::*;
use rfmart::config::{Pipeline, Privacy, Secret, UniqueIn};
use rfmart::entity::Entity::{self, Branches, Customers, Leads, Orders, Visits};
use rfmart::source::{Dictionary, Held, InputObject, Listing, RowCounts, Standing};
use rfmart::storage::Stores;

use crate::common::chain::day;
use crate::common::staged::{Fixture, Outcome, RejectedRow};
use crate::common::{pipeline, source};

const AS_OF: &str = "2026-11-21";

const ORDERS: &str = "order_id,customer_id,branch_id,paid_at,amount,department,referrer_id,updated_at";
const VISITS: &str = "visit_id,customer_id,branch_id,visited_at,item_id,status";
const LEADS: &str = "customer_id,branch_id,created_at,channel";

/// Everything that a run depends on.
#[derive(Debug, PartialEq)]
struct Seen {
    rows: BTreeMap<Entity, Vec<String>>,
    counts: BTreeMap<Entity, (RowCounts, BTreeMap<Option<i32>, RowCounts>)>,
    repeated: BTreeMap<Entity, Vec<i64>>,
    ids: Vec<StringArray>,
    inputs: Vec<InputObject>,
    rejected: Vec<RejectedRow>,
}

fn seen(outcome: Outcome) -> Seen {
    let columns = |entity| -> &[&str] {
        match entity {
            Orders => &[
                "object_no",
                "row_no",
                "key_hash",
                "order_id",
                "customer_ref",
                "branch_ref",
                "paid_on",
                "amount",
                "department_ref",
                "referrer_ref",
                "updated_at",
                "status",
            ],
            Visits => {
                &["object_no", "row_no", "key_hash", "customer_ref", "branch_ref", "visited_on", "item_ref", "status"]
            }
            _ => &["object_no", "row_no", "key_hash", "customer_ref", "branch_ref", "created_on", "channel"],
        }
    };
    let entities = &outcome.ingested.entities;
    let of = |entity: Entity| &entities[&entity];
    let present: Vec<Entity> = [Orders, Visits, Leads].into_iter().filter(|entity| of(*entity).is_present).collect();
    let dictionaries = &outcome.ingested.dictionaries;
    let ids = |dictionary: &Dictionary| dictionary.id_of_key.clone();
    Seen {
        rows: present.iter().map(|entity| (*entity, outcome.rows(*entity, columns(*entity)))).collect(),
        counts: present.iter().map(|entity| (*entity, (of(*entity).rows, of(*entity).by_branch.clone()))).collect(),
        repeated: present.iter().map(|entity| (*entity, of(*entity).repeated_key_hashes.clone())).collect(),
        ids: [&dictionaries.customer, &dictionaries.branch, &dictionaries.department, &dictionaries.item]
            .map(|dictionary| ids(dictionary))
            .to_vec(),
        inputs: outcome.ingested.inputs.clone(),
        rejected: outcome.rejected,
    }
}

/// A chain whose sources are folders of objects.
struct Chain {
    fixture: Fixture,
    pipeline: Pipeline,
}

impl Chain {
    fn new() -> Self {
        let fixture = Fixture::new();
        let folders = [(Orders, "orders/"), (Visits, "visits/"), (Leads, "leads/"), (Branches, "branches/")];
        let sources = folders.map(|(entity, folder)| source(entity, fixture.path(), folder)).to_vec();
        let pipeline = pipeline(fixture.path(), sources);
        let chain = Chain { fixture, pipeline };
        chain.put("orders/0.csv", &format!("{ORDERS}\nA0,C0,B0,2026-11-01,1,,,\n"));
        chain.put("visits/0.csv", &format!("{VISITS}\nV0,C0,B0,2026-11-01,,\n"));
        chain.put("leads/0.csv", &format!("{LEADS}\nL0,B0,2026-11-01,web\n"));
        chain.put("branches/0.csv", "branch_id,timezone\nB0,Asia/Taipei\nB1,Asia/Tokyo\n");
        chain
    }

    fn put(&self, name: &str, text: &str) {
        self.fixture.write(name, text.as_bytes());
    }

    fn state(&self) -> PathBuf {
        self.fixture.path().join("_state")
    }

    /// The files of the state, by name.
    fn kept(&self) -> Vec<PathBuf> {
        let folder = self.state().join("test");
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).expect("a state").map(|entry| entry.expect("a file").path()).collect();
        files.sort_unstable();
        files
    }

    fn run(&self, as_of: &str, keeps: bool) -> Outcome {
        let mut pipeline = self.pipeline.clone();
        pipeline.limits.state_dir = keeps.then(|| self.state());
        self.fixture.run(as_of, &pipeline).expect("rows")
    }

    /// How the orders would stand in the next run, in the order of their URLs.
    fn outlook(&self, as_of: &str) -> Vec<Standing> {
        let mut pipeline = self.pipeline.clone();
        pipeline.limits.state_dir = Some(self.state());
        let stores = Stores::new(pipeline.storage.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listing = runtime.block_on(Listing::of(&pipeline, &stores, &Held::default())).expect("objects");
        let listed = listing.objects(&pipeline, day(as_of));
        listed.into_iter().filter(|object| object.entity == Orders).map(|object| object.standing).collect()
    }

    /// Holds a run that keeps its rows against one that doesn't; returns how many objects the first has read.
    fn night(&self, as_of: &str) -> u64 {
        let kept = self.run(as_of, true);
        let (objects, _, _) = kept.progress;
        assert_eq!(seen(kept), seen(self.run(as_of, false)), "as of {as_of}");
        objects
    }
}

#[test]
fn a_run_reads_what_is_new_and_what_changed() {
    let chain = Chain::new();
    assert_eq!(chain.night(AS_OF), 4, "there is no state");
    assert_eq!(chain.night(AS_OF), 1, "branches are read every time");
    chain.put("orders/1.csv", &format!("{ORDERS}\nA0,C1,B1,2026-11-02,2,face,C0,\nA1,C2,B1,2026-11-02,none,,,\n"));
    assert_eq!(chain.night(AS_OF), 2);
    chain.put("orders/1.csv", &format!("{ORDERS}\nA7,C9,B1,2026-11-03,2,body,C8,\n"));
    assert_eq!(chain.night("2026-11-22"), 2, "as of another day");
    fs::remove_file(chain.fixture.path().join("orders/1.csv")).expect("a file");
    assert_eq!(chain.night(AS_OF), 1);
    let ids = chain.run(AS_OF, true).ingested.dictionaries.customer.id_of_key.clone();
    assert_eq!(ids, StringArray::from(vec!["C0", "L0"]), "whose rows are gone isn't known any more");
}

#[test]
fn it_can_be_told_before_what_stays_read_and_why_the_rest_does_not() {
    let mut chain = Chain::new();
    chain.pipeline.limits.target_partitions = 1;
    let row = |day: &str| format!("{ORDERS}\nA1,C1,B0,{day},1,,,\n");
    chain.put("orders/1.csv", &row("2026-11-02"));
    assert_eq!(chain.outlook(AS_OF), [Standing::New; 2]);
    chain.night(AS_OF);
    assert_eq!(chain.outlook(AS_OF), [Standing::Kept; 2]);
    chain.put("orders/1.csv", &row("2199-01-01"));
    chain.put("orders/2.csv", &row("2026-11-03"));
    assert_eq!(chain.outlook(AS_OF), [Standing::Beside, Standing::Replaced, Standing::New]);
    chain.night(AS_OF);
    assert_eq!(chain.outlook("2199-01-01"), [Standing::Kept, Standing::OtherDay, Standing::Kept]);
    chain.pipeline.timezone = chrono_tz::Asia::Tokyo;
    assert_eq!(chain.outlook(AS_OF), [Standing::OtherRules; 3]);
}

#[test]
fn rows_that_are_held_against_something_else_are_read_again() {
    let mut chain = Chain::new();
    chain.night(AS_OF);
    chain.put("branches/0.csv", "branch_id,timezone\nB0,Europe/Paris\nB1,Asia/Tokyo\n");
    assert_eq!(chain.run(AS_OF, true).ingested.inputs.len(), 4);
    chain.put("branches/0.csv", "branch_id,timezone\nB1,Asia/Tokyo\n");
    chain.night(AS_OF);
    for source in &mut chain.pipeline.sources {
        if source.entity == Orders {
            source.formats.insert("paid_at", vec!["%Y-%m-%d".to_owned()]);
        }
    }
    assert_eq!(chain.night(AS_OF), 2, "orders by other rules, branches as always");
}

#[test]
fn what_can_be_true_depends_on_the_day() {
    let chain = Chain::new();
    let far = format!("{ORDERS}\nA1,C1,B0,2199-01-01,1,,,\nA2,C1,B0,2026-11-22,1,,,\n");
    chain.put("orders/0.csv", &far);
    chain.night(AS_OF);
    assert_eq!(chain.night("2026-11-22"), 1, "the row is as impossible as it was");
    assert_eq!(chain.night("2026-11-20"), 1, "a row after as_of is counted anew");
    assert_eq!(chain.night("2199-01-01"), 2, "the row can be true now");
    assert_eq!(chain.night(AS_OF), 2, "and now it can't");
}

#[test]
fn orders_without_id_are_named_by_their_objects_rank_and_read_again() {
    let chain = Chain::new();
    chain.put("orders/1.csv", "customer_id,branch_id,paid_at,amount\nC1,B0,2026-11-02,5\n");
    chain.night(AS_OF);
    chain.put("orders/00.csv", &format!("{ORDERS}\nA9,C0,B0,2026-11-01,1,,,\n"));
    chain.night(AS_OF);
}

#[test]
fn with_a_key_no_id_is_kept() {
    let mut chain = Chain::new();
    chain.pipeline.privacy = Some(Privacy { key: Secret::new("a key of thirty-two bytes or more") });
    chain.put(
        "orders/0.csv",
        &format!("{ORDERS}\nA0,person-0815,B0,2026-11-01,1,,person-0816,\nA1,person-0817,B0,1,1,,,\n"),
    );
    chain.put("leads/0.csv", &format!("{LEADS}\nperson-0818,B0,2026-11-01,web\n"));
    chain.night(AS_OF);
    assert_eq!(chain.night(AS_OF), 2, "leads, whose keys are made of ids, and branches");
    chain.put("orders/1.csv", &format!("{ORDERS}\nA2,person-0816,B0,2026-11-02,1,,person-0815,\n"));
    chain.night(AS_OF);
    for path in chain.kept() {
        let bytes = fs::read(&path).expect("a file");
        let has_id = bytes.windows(7).any(|window| window == b"person-");
        assert!(!has_id, "{}", path.display());
    }
}

#[test]
fn numbers_that_stand_for_other_customers_are_read_again() {
    let mut chain = Chain::new();
    chain.pipeline.ids.customers = UniqueIn::Branch;
    chain.pipeline.sources.push(source(Customers, chain.fixture.path(), "customers/"));
    chain.put("customers/0.csv", "branch_id,local_id,customer_id\nB0,C0,ann\n");
    chain.night(AS_OF);
    assert_eq!(chain.night(AS_OF), 2);
    chain.put("customers/0.csv", "branch_id,local_id,customer_id\nB0,C0,bea\n");
    chain.night(AS_OF);
}

#[test]
fn many_small_files_become_one() {
    let chain = Chain::new();
    let mut counts = Vec::new();
    for night in 0..110 {
        chain.put(&format!("orders/{night:03}.csv"), &format!("{ORDERS}\nN{night},C{night},B0,2026-11-01,1,,,\n"));
        counts.push(chain.run(AS_OF, true).progress.0);
    }
    assert!(counts[1..96].iter().all(|read| *read == 2), "{counts:?}");
    assert_eq!(counts.iter().filter(|read| **read > 90).count(), 1, "{counts:?}");
    chain.night(AS_OF);
    let orders = chain.kept().iter().filter(|path| path.to_string_lossy().contains("orders-")).count();
    assert!(orders < 30, "{orders} files of orders");
}

#[test]
fn a_state_that_another_run_has_is_left_alone() {
    let chain = Chain::new();
    chain.night(AS_OF);
    let first = chain.run(AS_OF, true);
    let files = chain.kept();
    chain.put("orders/1.csv", &format!("{ORDERS}\nA9,C9,B0,2026-11-01,1,,,\n"));
    let second = chain.run(AS_OF, true);
    assert_eq!((second.progress.0, chain.kept()), (5, files), "it has read everything and kept nothing");
    drop(first);
    assert_eq!(chain.night(AS_OF), 2);
}

#[test]
fn only_files_of_a_state_are_removed_from_its_folder() {
    let chain = Chain::new();
    chain.put("_state/test/letters.parquet", "somebody's");
    chain.put("_state/test/orders-00000000000000000000000000000000.parquet", "left behind");
    chain.night(AS_OF);
    let names: Vec<String> =
        chain.kept().iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    assert!(names.contains(&"letters.parquet".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("0000000000000000")), "{names:?}");
}

/// A step of a history.
#[derive(Clone, Debug)]
enum Step {
    Put(Entity, usize, Vec<Row>),
    Remove(Entity, usize),
    Damage(usize, usize),
    Run(u32),
}

/// Numbers that a row is made of.
type Row = (u8, u8, u8, u8, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let entity = prop_oneof![4 => Just(Orders), 2 => Just(Visits), 1 => Just(Leads)];
    let row = (0..6_u8, 0..7_u8, 0..4_u8, 1..29_u8, 0..8_u8);
    let put = (entity.clone(), 0..4_usize, prop::collection::vec(row, 0..6));
    prop::collection::vec(
        prop_oneof![
            4 => put.prop_map(|(entity, object, rows)| Step::Put(entity, object, rows)),
            1 => (entity, 1..4_usize).prop_map(|(entity, object)| Step::Remove(entity, object)),
            1 => (any::<usize>(), any::<usize>()).prop_map(|(file, byte)| Step::Damage(file, byte)),
            3 => (10..27_u32).prop_map(Step::Run),
        ],
        1..14,
    )
}

fn export(entity: Entity, rows: &[Row]) -> String {
    let header = match entity {
        Orders => ORDERS,
        Visits => VISITS,
        _ => LEADS,
    };
    let mut text = format!("{header}\n");
    for (key, customer, branch, day, other) in rows {
        let line = match entity {
            Orders => format!(
                "A{key},C{customer},B{branch},2026-11-{day:02},{},{},{},2026-11-{day:02}T08:00:00Z",
                ["1", "-2.50", "none"][usize::from(*other) % 3],
                ["face", "body", ""][usize::from(*other) % 3],
                ["", "C1", "R7"][usize::from(*key) % 3],
            ),
            Visits => format!(
                "V{key},C{customer},B{branch},2026-11-{day:02},{},attended",
                ["I1", ""][usize::from(*other) % 2]
            ),
            _ => format!("L{customer},B{branch},2026-11-{day:02},{}", ["web", ""][usize::from(*other) % 2]),
        };
        writeln!(text, "{line}").expect("a line");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Objects come, change and go between the nights, days go forth and back, bytes of what is kept turn over: each night
    /// sees what one without a state sees.
    #[test]
    fn any_history_of_nights_ends_in_what_one_run_sees(steps in steps(), threads in 1..4_usize) {
        let mut chain = Chain::new();
        chain.pipeline.limits.target_partitions = threads;
        chain.night(AS_OF);
        for step in steps {
            match step {
                Step::Put(entity, object, rows) => chain.put(&format!("{}/{object}.csv", entity.name()), &export(entity, &rows)),
                Step::Remove(entity, object) => drop(fs::remove_file(chain.fixture.path().join(format!("{}/{object}.csv", entity.name())))),
                Step::Damage(file, byte) => {
                    let files = chain.kept();
                    let path = &files[file % files.len()];
                    let mut bytes = fs::read(path).expect("a file");
                    let place = byte % bytes.len();
                    bytes[place] ^= 0x20;
                    fs::remove_file(path).expect("a file");
                    fs::write(path, bytes).expect("a file");
                }
                Step::Run(day) => drop(chain.night(&format!("2026-11-{day:02}"))),
            }
        }
        chain.night(AS_OF);
    }
}
