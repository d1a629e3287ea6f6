//! What a run publishes: files, commit record, rows; and when it publishes nothing.

mod coverage;
mod doors;
mod hold;
mod hostile;
mod nights;
mod publishing;
mod restate;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::common::chain::{self, Chain, day, rows, run};
use rfmart::config::Pipeline;
use rfmart::model::Catalog;
use rfmart::publish::{Commit, Warehouse};
use rfmart::run::Outcome;
use rfmart::storage::Stores;
use rfmart::{Error, Kind, Result};
use sha2::{Digest, Sha256};

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount";

/// A chain whose pipeline has `sources` and further `settings`, both as YAML; nothing is read in the future
/// of the as-of days below, so no test depends on today's date.
fn chain(sources: &str, settings: &str) -> Chain {
    let chain = Chain::new("");
    configure(&chain, sources, settings);
    chain
}

fn configure(chain: &Chain, sources: &str, settings: &str) {
    let yaml = format!(
        "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\nsources:\n{sources}\npublish: {{location: warehouse/}}\n\
         {settings}\nlimits: {{memory: 1GiB, target_partitions: 2, max_rejected_share: 0.9, \
         max_conflicting_share: 0.9}}\n"
    );
    chain.write("pipeline.yaml", &yaml);
}

const ORDERS: &str = "  orders: {location: orders/*.csv}";

/// A chain with one customer's orders: 2024-10-20 and 2024-11-05.
fn small() -> Chain {
    let chain = chain(ORDERS, "");
    chain.write("orders/1.csv", &format!("{HEADER}\nA1,c1,B1,2024-10-20,100\nA2,c1,B1,2024-11-05,50.50\n"));
    chain
}

/// Publishes a day; runs work in a folder that can be looked into.
fn publish(chain: &Chain, as_of: &str) -> Outcome {
    attempt(chain, as_of).expect("a published snapshot")
}

fn attempt(chain: &Chain, as_of: &str) -> Result<Outcome> {
    run(&pipeline(chain), day(as_of))
}

fn refusal(chain: &Chain, as_of: &str) -> Error {
    attempt(chain, as_of).err().expect("a refusal")
}

fn pipeline(chain: &Chain) -> Pipeline {
    let mut pipeline = chain.pipeline();
    pipeline.limits.work_dir = Some(chain.path("work"));
    pipeline
}

fn part(chain: &Chain, table: &str, as_of: &str) -> PathBuf {
    chain::part(&chain.path("warehouse"), table, as_of)
}

fn table(chain: &Chain, table: &str, as_of: &str, columns: &[&str]) -> Vec<String> {
    rows(&part(chain, table, as_of), columns)
}

fn commit(chain: &Chain, number: u64) -> Commit {
    let text = fs::read(chain.path(&format!("warehouse/_rfmart/commits/{number:06}.json"))).expect("a commit");
    serde_json::from_slice(&text).expect("a commit record")
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("a path below").display().to_string();
            let modified = path.metadata().and_then(|file| file.modified()).expect("a time");
            found.insert(name, (fs::read(&path).expect("bytes"), modified));
        }
    }
    found
}

fn warehouse(chain: &Chain) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    files(&chain.path("warehouse"))
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn published_tables() -> Vec<String> {
    let catalog = Catalog::built_in().expect("models");
    catalog.models.values().filter(|model| model.is_published()).map(|model| model.name.clone()).collect()
}

/// The folder of a file that is named after its bytes; the name of another.
fn named(name: &str, bytes: &[u8]) -> String {
    let of_bytes = format!("part-{}.parquet", &sha256(bytes)[..16]);
    name.strip_suffix(&of_bytes).unwrap_or(name).to_owned()
}

#[test]
fn a_run_writes_one_file_per_table_and_one_commit() {
    let chain = small();
    publish(&chain, "2024-11-21");
    let found: Vec<String> = warehouse(&chain).into_iter().map(|(name, (bytes, _))| named(&name, &bytes)).collect();
    let tables = published_tables();
    assert!(
        ["dim_stage", "fct_customer_rfm", "fct_branch_comparison"]
            .iter()
            .all(|name| tables.contains(&(*name).to_owned()))
    );
    let tables = tables.into_iter().chain(["dim_snapshot".to_owned()]);
    let mut expected: Vec<String> = tables.map(|table| format!("{table}/dt=2024-11-21/")).collect();
    expected.push("_rfmart/commits/000001.json".to_owned());
    expected.sort();
    assert_eq!(found, expected);
    assert!(files(&chain.path("work")).is_empty(), "the work folder is cleared");
}

#[test]
fn the_commit_tells_what_was_read_and_written() {
    let chain = small();
    publish(&chain, "2024-10-31");
    publish(&chain, "2024-11-21");
    let first = commit(&chain, 1);
    assert_eq!((first.number, first.parent, first.period.as_str(), first.is_period_end), (1, None, "2024-10", true));
    let second = commit(&chain, 2);
    assert_eq!((second.number, second.parent, second.period.as_str()), (2, Some(1), "2024-11"));
    assert_eq!((second.as_of, second.is_period_end, second.pipeline.as_str()), (day("2024-11-21"), false, "clinics"));
    assert_ne!(first.run_id, second.run_id);

    let [input] = second.inputs.as_slice() else { panic!("{:?}", second.inputs) };
    let bytes = fs::read(chain.path("orders/1.csv")).expect("an export");
    assert_eq!(input.entity, "orders");
    assert_eq!(input.url, format!("file://{}", chain.path("orders/1.csv").display()));
    assert_eq!((input.size_bytes, &input.sha256), (bytes.len() as u64, &sha256(&bytes)));
    let read = &second.rows["orders"];
    assert_eq!((read.read, read.used, read.rejected, read.after_as_of), (2, 2, 0, 0));
    let read = &first.rows["orders"];
    assert_eq!((read.read, read.used, read.rejected, read.after_as_of), (2, 1, 0, 1));

    let mut listed: Vec<&str> = second.files.iter().map(|file| file.table.as_str()).collect();
    listed.sort_unstable();
    let tables = published_tables().into_iter().chain(["dim_snapshot".to_owned()]);
    assert_eq!(listed, BTreeSet::from_iter(tables).into_iter().collect::<Vec<_>>());
    for file in &second.files {
        let path = chain.path("warehouse").join(&file.path);
        let bytes = fs::read(&path).expect("a published file");
        assert_eq!((file.bytes, &file.sha256), (bytes.len() as u64, &sha256(&bytes)), "{}", file.path);
        assert_eq!(file.rows, rows(&path, &["as_of"]).len() as u64, "{}", file.path);
    }
}

#[test]
fn dim_snapshot_tells_of_each_commit() {
    let chain = small();
    publish(&chain, "2024-10-31");
    publish(&chain, "2024-11-21");
    let columns = &["as_of", "period", "is_period_end", "run_id", "commit_number"];
    let run_id = |number| commit(&chain, number).run_id;
    assert_eq!(
        table(&chain, "dim_snapshot", "2024-10-31", columns),
        [format!("2024-10-31 2024-10 true {} 1", run_id(1))]
    );
    assert_eq!(
        table(&chain, "dim_snapshot", "2024-11-21", columns),
        [format!("2024-11-21 2024-11 false {} 2", run_id(2))]
    );
}

#[test]
fn the_same_day_again_is_up_to_date_and_writes_nothing() {
    let chain = small();
    publish(&chain, "2024-11-21");
    let before = warehouse(&chain);
    let outcome = publish(&chain, "2024-11-21");
    assert!(matches!(outcome, Outcome::UpToDate(commit) if commit.number == 1));
    assert!(before == warehouse(&chain), "bytes and times are as they were");
}

#[test]
fn only_the_policy_in_force_decides_a_snapshot() {
    let settings = |from: &str| format!("policy: {{changes: [{{from: {from}, window_days: 20}}]}}");
    let chain = small();
    publish(&chain, "2024-11-21");
    configure(&chain, ORDERS, &settings("2024-11-22"));
    assert!(matches!(publish(&chain, "2024-11-21"), Outcome::UpToDate(_)));
    configure(&chain, ORDERS, &settings("2024-11-21"));
    let error = refusal(&chain, "2024-11-21").to_string();
    assert!(error.contains("\n  changed: the policy, "), "{error}");
}

#[test]
fn a_change_counts_from_the_next_day_on() {
    let chain = small();
    publish(&chain, "2024-11-20");
    let before = warehouse(&chain);
    chain.write("orders/1.csv", &format!("{HEADER}\nA2,c1,B1,2024-11-05,60\n"));
    publish(&chain, "2024-11-21");
    let after = warehouse(&chain);
    assert!(before.iter().all(|(name, file)| after.get(name) == Some(file)), "what was published stays as it is");
    assert_eq!(table(&chain, "fct_customer_rfm", "2024-11-21", &["monetary"]), ["60.00", "60.00"]);
}

#[test]
fn a_warehouse_belongs_to_one_pipeline() {
    let chain = small();
    publish(&chain, "2024-11-20");
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a pipeline");
    chain.write("pipeline.yaml", &yaml.replace("name: clinics", "name: others"));
    let error = refusal(&chain, "2024-11-21");
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("holds the tables of pipeline clinics"), "{error}");
}

#[test]
fn days_give_the_same_bytes_in_whatever_order_they_run() {
    let days = ["2024-10-31", "2024-11-20", "2024-11-21"];
    let (forward, backward) = (small(), small());
    days.iter().for_each(|as_of| drop(publish(&forward, as_of)));
    days.iter().rev().for_each(|as_of| drop(publish(&backward, as_of)));
    let tables = |chain: &Chain| {
        let tables =
            warehouse(chain).into_iter().filter(|(name, _)| name.starts_with("fct_") || name.starts_with("dim_"));
        tables
            .filter(|(name, _)| !name.starts_with("dim_snapshot"))
            .map(|(name, (bytes, _))| (name, sha256(&bytes)))
            .collect::<Vec<_>>()
    };
    assert_eq!(tables(&forward), tables(&backward));
    // The same result bears the same name; only its place in the history differs.
    for as_of in days {
        let columns = &["as_of", "period", "is_period_end", "run_id"];
        assert_eq!(table(&forward, "dim_snapshot", as_of, columns), table(&backward, "dim_snapshot", as_of, columns));
    }
    assert_eq!((commit(&forward, 3).as_of, commit(&backward, 3).as_of), (day("2024-11-21"), day("2024-10-31")));
}

#[test]
fn what_an_earlier_rfmart_left_in_a_days_folder_makes_way() {
    let (chain, clean) = (small(), small());
    for name in ["fct_customer_rfm", "dim_snapshot"] {
        chain.write(&format!("warehouse/{name}/dt=2024-11-21/part-0.parquet"), "half a file");
    }
    publish(&chain, "2024-11-21");
    publish(&clean, "2024-11-21");
    for name in ["fct_customer_rfm", "dim_snapshot"] {
        let bytes = |chain| fs::read(part(chain, name, "2024-11-21")).expect("a file");
        assert!(bytes(&chain) == bytes(&clean), "{name}");
    }
    assert!(!chain.path("warehouse/_rfmart/pending").exists());
}

fn create(chain: &Chain, commit: &Commit) -> Result<()> {
    let pipeline = chain.pipeline();
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores).expect("a warehouse");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(warehouse.commits().create(commit))
}

#[test]
fn a_commit_number_is_given_once() {
    let chain = small();
    publish(&chain, "2024-11-20");
    let first = commit(&chain, 1);
    let before = warehouse(&chain);
    create(&chain, &first).expect("a lost answer to our own record is no rival");
    let rival = Commit { nonce: "rival".to_owned(), ..first };
    let error = create(&chain, &rival).expect_err("a taken number");
    assert_eq!(error.kind(), Kind::Contention);
    assert!(error.to_string().contains("another run took commit 1: as of 2024-11-20"), "{error}");
    assert!(before == warehouse(&chain));
}

const BAD_ROWS: &str = "\
order_id,customer_id,branch_id,paid_at,amount,kind
A1,c1,B1,2024-11-01,100,single
,c1,B1,2024-11-02,100,single
A3,c1,B1,2024-13-02,100,single
A4,c1,B1,2024-11-02,12.345,single
A5,c1,B1,2024-11-02,100,gift
A6,c1,B1,2024-11-02
A7,c1,B1,2199-01-01,100,single
A8,\"c,8\",B1,2024-11-02,abc,single
A9,c1,B1,2024-11-22,5,single
";

#[test]
fn rejected_rows_are_kept_with_their_cause() {
    let chain = chain(ORDERS, "");
    chain.write("orders/1.csv", BAD_ROWS);
    publish(&chain, "2024-11-21");
    let place = table(&chain, "_rfmart/rejected", "2024-11-21", &["entity", "source", "object"]);
    assert_eq!(place, vec![format!("orders orders file://{}", chain.path("orders/1.csv").display()); 7]);
    assert_eq!(
        table(&chain, "_rfmart/rejected", "2024-11-21", &["row_no", "column", "raw"]),
        [
            "2 order_id ,c1,B1,2024-11-02,100,single",
            "3 paid_at A3,c1,B1,2024-13-02,100,single",
            "4 amount A4,c1,B1,2024-11-02,12.345,single",
            "5 kind A5,c1,B1,2024-11-02,100,gift",
            "6 - A6,c1,B1,2024-11-02",
            "7 paid_at A7,c1,B1,2199-01-01,100,single",
            "8 amount A8,\"c,8\",B1,2024-11-02,abc,single",
        ]
    );
    let causes = table(&chain, "_rfmart/rejected", "2024-11-21", &["cause"]);
    let expected = [
        "order_id: is empty, but required",
        "paid_at: '2024-13-02' is ",
        "amount: '12.345' is not whole cents",
        "kind: 'gift' is an unknown word; expected single, package, top_up",
        "has 4 fields, the header has 6",
        "paid_at: '2199-01-01' is in the future",
        "amount: 'abc' is not an amount",
    ];
    for (cause, expected) in causes.iter().zip(expected) {
        assert!(cause.starts_with(expected), "{cause}");
    }
    let commit = commit(&chain, 1);
    let counts = &commit.rows["orders"];
    assert_eq!((counts.read, counts.used, counts.rejected, counts.after_as_of), (9, 1, 7, 1));
    let file = commit.files.iter().find(|file| file.table == "_rfmart/rejected").expect("the rejected rows");
    let bytes = fs::read(part(&chain, "_rfmart/rejected", "2024-11-21")).expect("a file");
    assert_eq!((file.rows, file.bytes, &file.sha256), (7, bytes.len() as u64, &sha256(&bytes)));
    assert_eq!(table(&chain, "fct_customer_rfm", "2024-11-21", &["scope", "customer_id", "monetary"]).len(), 2);
}

#[test]
fn too_many_rejected_rows_publish_nothing_and_can_be_looked_at() {
    let chain = chain(ORDERS, "");
    chain.write("orders/1.csv", BAD_ROWS);
    let mut pipeline = pipeline(&chain);
    pipeline.limits.max_rejected_share = 0.5;
    let error = run(&pipeline, day("2024-11-21")).err().expect("a refusal");
    assert_eq!(error.kind(), Kind::Data);
    let told = error.to_string();
    assert!(told.starts_with("orders: 7 of 9 rows can't be used (77.8 %)"), "{told}");
    assert!(told.contains("\n  1 rows: kind an unknown word\n") && told.contains("\nhint: "), "{told}");
    assert!(warehouse(&chain).is_empty());
    let pattern = told.lines().find_map(|line| line.strip_prefix("  each row with its cause: ")).expect("a place");
    let folder = Path::new(pattern).parent().expect("a folder");
    let kept: Vec<PathBuf> = files(folder).into_keys().map(|name| folder.join(name)).collect();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!(rows(kept, &["row_no"]), ["2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(files(&chain.path("work")).len(), 2, "of the work folder nothing else is kept but a note");
}

#[test]
fn orders_whose_lines_cannot_be_told_apart_are_refused() {
    let chain = chain(ORDERS, "");
    let twice = |second: &str| format!("{HEADER}\nA1,c1,B1,2024-11-01,100\nA1,c1,B1,2024-11-01,{second}\n");
    chain.write("orders/1.csv", &twice("200"));
    let error = refusal(&chain, "2024-11-21");
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("order_lines_are_told_apart.sql"), "{error}");
    assert!(error.to_string().contains("Map line_no (or updated_at)") && error.to_string().contains("A1"), "{error}");
    assert!(warehouse(&chain).is_empty() && files(&chain.path("work")).is_empty());
    chain.write("orders/1.csv", &twice("100"));
    publish(&chain, "2024-11-21");
    let monetary = table(&chain, "fct_customer_rfm", "2024-11-21", &["scope", "monetary"]);
    assert_eq!(monetary, ["branch 100.00", "chain 100.00"], "the same row again counts once");
}

#[test]
fn of_a_row_delivered_twice_the_latest_update_counts_then_the_later_object() {
    let chain = chain(
        "  orders: {location: orders/*.csv}\n  visits: {location: visits/*.csv}\n  leads: {location: leads/*.csv}",
        "",
    );
    let header = format!("{HEADER},line_no,updated_at");
    chain.write(
        "orders/1.csv",
        &format!(
            "{header}\nA1,c1,B1,2024-11-01,1,1,2024-11-03T10:00:00Z\nA2,c2,B1,2024-11-01,2,1,\n\
             A3,c3,B1,2024-11-01,4,1,2024-11-03T10:00:00Z\nA4,c4,B1,2024-11-01,8,1,\nA4,c4,B1,2024-11-01,16,2,\n"
        ),
    );
    chain.write(
        "orders/2.csv",
        &format!(
            "{header}\nA1,c1,B1,2024-11-01,100,1,2024-11-02T10:00:00Z\nA2,c2,B1,2024-11-01,200,1,\n\
             A3,c3,B1,2024-11-01,400,1,\nA4,c4,B1,2024-11-01,800,2,\n"
        ),
    );
    chain.write("visits/1.csv", "visit_id,customer_id,branch_id,visited_at\nV1,c1,B1,2024-11-05\n");
    chain.write("visits/2.csv", "visit_id,customer_id,branch_id,visited_at\nV1,c1,B1,2024-11-07\n");
    chain.write("leads/1.csv", "customer_id,branch_id,created_at,channel\nc9,B1,2024-11-02,app\n");
    chain.write("leads/2.csv", "customer_id,branch_id,created_at,channel\nc9,B1,2024-11-02,street\n");
    publish(&chain, "2024-11-21");
    let found = table(&chain, "fct_customer_rfm", "2024-11-21", &["scope", "customer_id", "frequency", "monetary"]);
    let chain_rows: Vec<&str> = found.iter().filter_map(|row| row.strip_prefix("chain ")).collect();
    assert_eq!(chain_rows, ["c1 2 1.00", "c2 1 200.00", "c3 1 4.00", "c4 1 808.00"]);
    let visits = table(&chain, "fct_customer_rfm", "2024-11-21", &["scope", "customer_id", "last_consumed_on"]);
    assert!(visits.contains(&"chain c1 2024-11-07".to_owned()), "{visits:?}");
    assert_eq!(
        table(&chain, "dim_customer", "2024-11-21", &["customer_id", "channel"]),
        ["c1 -", "c2 -", "c3 -", "c4 -", "c9 street"]
    );
}

const SUMMARY: &[&str] = &["scope", "scope_id", "leads", "customers", "visits", "orders", "revenue"];

#[test]
fn with_orders_alone_all_tables_are_there_and_what_needs_more_is_null() {
    let chain = small();
    publish(&chain, "2024-11-21");
    assert_eq!(
        table(&chain, "fct_period_summary", "2024-11-21", SUMMARY),
        ["branch B1 - 1 - 1 50.50", "chain * - 1 - 1 50.50"]
    );
    let metrics = table(&chain, "fct_branch_comparison", "2024-11-21", &["metric", "value", "branch_rank"]);
    assert!(metrics.contains(&"visits - -".to_owned()) && metrics.contains(&"orders 1.0 1".to_owned()), "{metrics:?}");
    assert!(table(&chain, "dim_item", "2024-11-21", &["item_id"]).is_empty());
    assert_eq!(table(&chain, "dim_branch", "2024-11-21", &["branch_id", "name", "timezone"]), ["B1 - Asia/Taipei"]);
    assert_eq!(
        table(&chain, "fct_lifecycle_snapshot", "2024-11-21", &["scope", "package_sessions_left", "stage"]),
        ["branch 0 effective", "chain 0 effective"]
    );
}

#[test]
fn only_the_scopes_asked_for_are_published() {
    for (scope, other) in [("chain", "branch"), ("branch", "chain")] {
        let chain = small();
        configure(&chain, ORDERS, &format!("scopes: [{scope}]"));
        publish(&chain, "2024-11-21");
        for name in ["fct_customer_rfm", "fct_lifecycle_snapshot", "fct_lifecycle_transition", "fct_period_summary"] {
            assert_eq!(table(&chain, name, "2024-11-21", &["scope"]), [scope], "{name} without {other}");
        }
        assert_eq!(table(&chain, "fct_score_cut_point", "2024-11-21", &["scope"]), [scope; 3]);
        let compares = !table(&chain, "fct_branch_comparison", "2024-11-21", &["metric"]).is_empty();
        assert_eq!(compares, scope == "branch");
        assert_eq!(table(&chain, "dim_customer", "2024-11-21", &["customer_id"]), ["c1"]);
    }
}

#[test]
fn a_customer_of_two_branches_counts_once_in_the_chain() {
    let chain = chain(ORDERS, "");
    chain.write(
        "orders/1.csv",
        &format!("{HEADER}\nA1,c1,B1,2024-11-01,100\nA2,c1,B2,2024-11-10,50\nA3,c1,B2,2024-11-01,25\n"),
    );
    publish(&chain, "2024-11-21");
    let columns = &["scope", "scope_id", "customer_id", "recency_days", "frequency", "monetary"];
    assert_eq!(
        table(&chain, "fct_customer_rfm", "2024-11-21", columns),
        ["branch B1 c1 20 1 100.00", "branch B2 c1 11 2 75.00", "chain * c1 11 2 175.00"],
        "two branches on one day are one consumption day of the chain"
    );
    let columns = &["scope", "scope_id", "customers", "orders", "revenue", "paying_days"];
    assert_eq!(
        table(&chain, "fct_period_summary", "2024-11-21", columns),
        ["branch B1 1 1 100.00 1", "branch B2 1 2 75.00 2", "chain * 1 3 175.00 2"]
    );
}

#[test]
fn snapshots_belong_to_the_period_that_the_pipeline_asks_for() {
    let cases = [
        ("day", "2024-11-21", "2024-11-21 true"),
        ("week", "2024-11-21", "2024-W47 false"),
        ("week", "2024-11-24", "2024-W47 true"),
        ("month", "2024-11-30", "2024-11 true"),
        ("quarter", "2024-11-30", "2024-Q4 false"),
        ("quarter", "2024-12-31", "2024-Q4 true"),
    ];
    for (period, as_of, expected) in cases {
        let chain = small();
        configure(&chain, ORDERS, &format!("period: {period}"));
        publish(&chain, as_of);
        for name in published_tables() {
            let mut found = table(&chain, &name, as_of, &["period", "is_period_end"]);
            found.dedup();
            assert!(found.is_empty() || found == [expected], "{name} {period} {as_of}: {found:?}");
        }
        let found = table(&chain, "dim_snapshot", as_of, &["period", "is_period_end"]);
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_refund_counts_on_its_own_day_and_undoes_the_consumption_from_then_on() {
    let chain = chain(ORDERS, "");
    let header = format!("{HEADER},line_no,status");
    chain.write(
        "orders/1.csv",
        &format!(
            "{header}\nA1,full,B1,2024-10-20,1000,1,paid\nA1,full,B1,2024-11-03,-1000,2,refunded\n\
             A2,part,B1,2024-10-20,1000,1,paid\nA2,part,B1,2024-11-03,-400,2,refunded\n\
             A3,void,B1,2024-10-20,1000,1,cancelled\n"
        ),
    );
    publish(&chain, "2024-10-31");
    publish(&chain, "2024-11-30");
    let columns = &["scope", "customer_id", "recency_days", "frequency", "monetary", "stage", "previous_stage"];
    let chain_rows = |as_of| {
        let found = table(&chain, "fct_lifecycle_snapshot", as_of, columns);
        found.into_iter().filter_map(|row| row.strip_prefix("chain ").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(
        chain_rows("2024-10-31"),
        ["full 11 1 1000.00 new -", "part 11 1 1000.00 new -", "void - 0 0.00 potential -"]
    );
    // 10-20 is 41 days ago: too long for `new`.
    assert_eq!(
        chain_rows("2024-11-30"),
        ["full - 0 0.00 potential new", "part 41 1 600.00 silent new", "void - 0 0.00 potential potential"]
    );
    let columns = &["scope", "orders", "revenue", "paying_days"];
    assert_eq!(table(&chain, "fct_period_summary", "2024-10-31", columns), ["branch 2 2000.00 2", "chain 2 2000.00 2"]);
    assert_eq!(
        table(&chain, "fct_period_summary", "2024-11-30", columns),
        ["branch 0 -1400.00 0", "chain 0 -1400.00 0"]
    );
}

#[test]
fn a_department_may_have_a_ladder_of_its_own() {
    let settings = "policy: {departments: {injection: {lifecycle: {new: {recency_days: 45}}}}}";
    let chain = chain(ORDERS, settings);
    chain.write(
        "orders/1.csv",
        &format!(
            "{HEADER},department\nA1,c1,B1,2024-10-12,1,injection\nA2,c2,B1,2024-10-12,1,skin\nA3,c3,B1,2024-10-12,1,\n"
        ),
    );
    publish(&chain, "2024-11-21");
    publish(&chain, "2024-11-26");
    publish(&chain, "2024-11-27");
    let stages = |as_of| {
        let found = table(&chain, "fct_lifecycle_snapshot", as_of, &["scope", "recency_days", "stage"]);
        found.into_iter().filter_map(|row| row.strip_prefix("chain ").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(stages("2024-11-21"), ["40 new", "40 silent", "40 silent"]);
    assert_eq!(stages("2024-11-26"), ["45 new", "45 silent", "45 silent"]);
    assert_eq!(stages("2024-11-27"), ["46 silent", "46 silent", "46 silent"]);
}
