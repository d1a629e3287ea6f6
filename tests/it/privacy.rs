//! With hashed ids, nothing that leaves a run tells who its customers are.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use crate::common::chain::{Chain, day, part, rows, run};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::util::pretty::pretty_format_batches;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rfmart::{Error, Kind};

const KEY: &str = "8f1d77d5c0e94a3a9f25b9ad0c2b6c50";
const OTHER_KEY: &str = "00000000000000000000000000000000";

/// Every id of a customer in the exports below: of good rows, of bad rows, of those who referred somebody.
const IDS: &[&str] = &[
    "MEM-10001",
    "MEM-10002",
    "MEM-10003",
    "MEM-10004",
    "MEM-10005",
    "MEM-10006",
    "MEM-10007",
    "MEM-10008",
    "MEM-10009",
    "MEM-10010",
    "MEM-10011",
    "MEM-10012",
    "MEM-10013",
    "王小明",
];

const PUBLIC: &str = "name: clinics
timezone: Asia/Taipei
currency: TWD
sources:
  orders:
    - location: orders/*.csv
      columns: {customer_id: 會員, referrer_id: 介紹人}
      values: {customer_id: {MEM-10013: MEM-10001}}
    - location: orders/*.parquet
  visits: {location: visits/*.ndjson}
  leads: {location: leads.csv}
  contacts: {location: contacts.csv}
publish: {location: warehouse/}
limits: {memory: 1GiB, target_partitions: 2, max_rejected_share: 0.9}
";

const CSV: &str = "order_id,會員,branch_id,paid_at,amount,介紹人,電話\n\
    A1,MEM-10001,B1,2024-10-20,100,MEM-10009,0912345678\n\
    A2, MEM-10002 ,B1,2024-11-05,50.50,,0912345679\n\
    A3,王小明,B1,2024-11-06,70,MEM-10001,0912345680\n\
    A4,MEM-10003,B1,2024-13-07,70,MEM-10004,0912345681\n\
    A5,MEM-10003,B1,2024-11-07,seventy,MEM-10004\n\
    A6,MEM-10013,B1,2024-11-08,x,,0912345682\n\
    MEM-10005/7,MEM-10005,B1,2024-11-09,x,,0912345683\n\
    A8,MEM-10006,B1,2024-11-10,\"7\nA9,MEM-10007,B1,2024-11-11,8\",,0912345684\n\
    A10,,B1,2024-11-12,9,MEM-10004,0912345685\n";

const NDJSON: &str = r#"{"visit_id": "V1", "customer_id": "MEM-10001", "branch_id": "B1", "visited_at": "2024-11-05"}
{"visit_id": "V2", "customer_id": "MEM-10008", "branch_id": "B1", "visited_at": "yesterday", "phone": "0912345686"}
"MEM-10010"
{"visit_id": "V3", "customer_id": "MEM-10010",
{"visit_id": "V4", "customer_id": {"id": "MEM-10010"}, "branch_id": "B1", "visited_at": "2024-11-05"}
"#;

fn chain(privacy: &str) -> Chain {
    let chain = Chain::new(&format!("{PUBLIC}{privacy}"));
    chain.write("orders/1.csv", CSV);
    chain.write("visits/1.ndjson", NDJSON);
    chain.write("leads.csv", "customer_id,created_at\nMEM-10011,2024-11-01\nMEM-10001,2024-09-01\n");
    let contacts = "K1,MEM-10001,2024-11-02\nK2,MEM-10012,2024-11-02\n";
    chain.write("contacts.csv", &format!("contact_id,customer_id,contacted_at\n{contacts}"));
    let text = |values: [&str; 2]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let columns = [
        ("order_id", text(["P1", "P2"])),
        ("customer_id", text(["MEM-10001", "MEM-10012"])),
        ("branch_id", text(["B1", "B1"])),
        ("paid_at", text(["2024-11-15", "never"])),
        ("amount", text(["10", "20"])),
        ("referrer_id", text(["MEM-10002", "MEM-10001"])),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("rows");
    let file = File::create(chain.path("orders/2.parquet")).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
    chain
}

fn privacy(key: &str) -> String {
    format!("privacy: {{customer_id: hmac, key: '{key}'}}\n")
}

fn rfmart(chain: &Chain, arguments: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("rfmart")
        .expect("the binary")
        .args(arguments)
        .env("RUST_LOG", "trace")
        .env("TMPDIR", chain.path(""))
        .current_dir(chain.path(""))
        .output()
        .expect("an end")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A file's bytes, its path, and, of a Parquet file, its rows.
fn contents(file: &Path) -> String {
    let mut text = format!("{}\n{}", file.display(), String::from_utf8_lossy(&fs::read(file).expect("bytes")));
    if file.extension().is_some_and(|name| name == "parquet") {
        let opened = File::open(file).expect("a file");
        let reader = ParquetRecordBatchReaderBuilder::try_new(opened).expect("Parquet").build().expect("a reader");
        let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("rows")).collect();
        text.push_str(&pretty_format_batches(&batches).expect("rows").to_string());
    }
    text
}

/// What `text` tells that it must not.
fn told(text: &str) -> Vec<&'static str> {
    [IDS, &[KEY, "09123456"]].concat().into_iter().filter(|secret| text.contains(*secret)).collect()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn rejected(chain: &Chain) -> Vec<String> {
    rows(&part(&chain.path("warehouse"), "_rfmart/rejected", "2024-11-21"), &["source", "row_no", "cause", "raw"])
}

/// HMAC-SHA256 under `KEY`, in Python: `hmac.new(KEY, id, "sha256").hexdigest()[:32]`.
const HASHES: &[(&str, &str)] = &[
    ("MEM-10001", "997cdc21a48cb047c36a6c5b93b70429"),
    ("MEM-10002", "a862a00b10ac5e18e51d837d1da0ecb8"),
    ("MEM-10003", "7d3f8905d401b9b758e40d103c46cdfa"),
    ("MEM-10004", "cad5068826324e0d7f1d7d6914959ad8"),
    ("MEM-10008", "009f253b2719e2a4ef6a2c724ac30f04"),
    ("MEM-10011", "af1527adcbc1fd961e644f5a27588cbf"),
    ("MEM-10012", "2432257d5afc980cf6235af40f72a10d"),
    ("王小明", "38f6bd4f017a7c9fcb051f1e8dac1d6b"),
];

fn hash(id: &str) -> &'static str {
    HASHES.iter().find(|(known, _)| *known == id).expect("a known id").1
}

#[test]
fn no_file_and_no_log_tells_an_id_or_the_key() {
    let chain = chain(&privacy(KEY));
    let output = rfmart(&chain, &["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("DEBUG rfmart::source"), "logs are on: {}", printed(&output));
    assert_eq!(told(&printed(&output)), [""; 0]);
    let files = files_below(&chain.path("warehouse"));
    assert!(files.len() > 10 && files.iter().any(|file| file.to_string_lossy().contains("rejected")));
    for file in files {
        assert_eq!(told(&contents(&file)), [""; 0], "{}", file.display());
    }
    for command in ["plan", "runs"] {
        assert_eq!(told(&printed(&rfmart(&chain, &[command, "pipeline.yaml"]))), [""; 0], "{command}");
    }
}

#[test]
fn without_privacy_the_same_search_finds_the_ids() {
    let chain = chain("");
    let output = rfmart(&chain, &["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert!(output.status.success(), "{}", printed(&output));
    let all: String = files_below(&chain.path("warehouse")).iter().map(|file| contents(file)).collect();
    let found = told(&all);
    let missing: Vec<_> = IDS.iter().filter(|id| !found.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn rejected_rows_keep_what_can_be_looked_up_with_the_key() {
    let chain = chain(&privacy(KEY));
    run(&chain.pipeline(), day("2024-11-21")).expect("a published snapshot");
    let (c1, c3, c4, c8, c12) =
        (hash("MEM-10001"), hash("MEM-10003"), hash("MEM-10004"), hash("MEM-10008"), hash("MEM-10012"));
    let a_date = "is not a date; expected e.g. 2026-11-21 or a form given in formats";
    let an_amount = "is not an amount; expected one such as 1234.50 or 1,234.50";
    assert_eq!(
        rejected(&chain),
        [
            format!("orders[0] 4 paid_at: '2024-13-07' {a_date}.paid_at A4,{c3},B1,2024-13-07,70,{c4},"),
            "orders[0] 5 has 6 fields, the header has 7 withheld: privacy".to_owned(),
            format!("orders[0] 6 amount: 'x' {an_amount} A6,{c1},B1,2024-11-08,x,,"),
            format!("orders[0] 7 amount: 'x' {an_amount} withheld: privacy"),
            "orders[0] 8 opens a quote in field 5 on line 9: what stands up to line 10, which closes it, is no text \
             but rows withheld: privacy"
                .to_owned(),
            "orders[0] 9 has a quote that closes the one opened on line 9 withheld: privacy".to_owned(),
            format!("orders[0] 10 customer_id: is empty, but required A10,,B1,2024-11-12,9,{c4},"),
            format!(
                "orders[1] 2 paid_at: 'never' {a_date}.paid_at {{\"order_id\":\"P2\",\"customer_id\":\"{c12}\",\
                 \"branch_id\":\"B1\",\"paid_at\":\"never\",\"amount\":\"20\",\"referrer_id\":\"{c1}\"}}"
            ),
            format!(
                "visits 2 visited_at: 'yesterday' {a_date}.visited_at {{\"visit_id\":\"V2\",\"customer_id\":\"{c8}\",\
                 \"branch_id\":\"B1\",\"visited_at\":\"yesterday\"}}"
            ),
            "visits 3 isn't a JSON object: it is another JSON value withheld: privacy".to_owned(),
            "visits 4 isn't a JSON object: EOF while parsing a value at line 1 column 46 withheld: privacy".to_owned(),
            "visits 5 'customer_id' holds an object or a list; a single value was expected withheld: privacy"
                .to_owned(),
        ]
    );
}

#[test]
fn a_customer_has_the_same_id_every_night_and_that_id_is_the_hash() {
    let chain = chain(&privacy(KEY));
    let customers = |as_of: &str| -> BTreeSet<String> {
        run(&chain.pipeline(), day(as_of)).expect("a published snapshot");
        let file = part(&chain.path("warehouse"), "dim_customer", as_of);
        let ids = rows(&file, &["customer_id"]);
        assert!(ids.is_sorted(), "the grain orders the table: {ids:?}");
        ids.into_iter().collect()
    };
    let first = customers("2024-11-20");
    // Another customer, who comes first in the export and as an id.
    chain.write("orders/0.csv", "order_id,會員,branch_id,paid_at,amount,介紹人\nB1,MEM-00001,B1,2024-11-21,1,\n");
    let second = customers("2024-11-21");
    assert!(first.is_subset(&second) && second.len() == first.len() + 1, "{first:?} {second:?}");
    assert!(["MEM-10001", "MEM-10002", "MEM-10011", "王小明"].iter().all(|id| first.contains(hash(id))), "{first:?}");
}

fn refusal(chain: &Chain, as_of: &str) -> Error {
    run(&chain.pipeline(), day(as_of)).err().expect("a refusal")
}

#[test]
fn ids_of_another_key_or_of_none_do_not_mix() {
    for (before, after, difference) in [
        (privacy(KEY), privacy(OTHER_KEY), "hashed with another privacy.key"),
        (privacy(KEY), String::new(), "hashed, but the pipeline has no privacy"),
        (String::new(), privacy(KEY), "as they were read, but the pipeline has privacy"),
    ] {
        let chain = chain(&before);
        run(&chain.pipeline(), day("2024-11-20")).expect("a published snapshot");
        chain.write("pipeline.yaml", &format!("{PUBLIC}{after}"));
        for as_of in ["2024-11-20", "2024-11-21"] {
            let error = refusal(&chain, as_of);
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.to_string().contains(&format!("holds customer ids {difference}\n")), "{error}");
        }
        chain.write("pipeline.yaml", &format!("{PUBLIC}{before}"));
        run(&chain.pipeline(), day("2024-11-21")).expect("a published snapshot");
    }
}

#[test]
fn commits_from_before_ids_could_be_hashed_are_of_plain_ids() {
    let chain = chain("");
    run(&chain.pipeline(), day("2024-11-20")).expect("a published snapshot");
    let file = chain.path("warehouse/_rfmart/commits/000001.json");
    let mut record: serde_json::Value = serde_json::from_slice(&fs::read(&file).expect("a commit")).expect("JSON");
    assert!(record.as_object_mut().expect("an object").remove("id_scheme").is_some());
    fs::write(&file, record.to_string()).expect("a commit");
    run(&chain.pipeline(), day("2024-11-21")).expect("a published snapshot");
}

/// A pipeline in which each branch numbers its own customers.
const OF_BRANCHES: &str = "name: clinics
timezone: Asia/Taipei
currency: TWD
customer_ids: {unique_in: branch}
sources:
  orders: {location: orders.csv}
  customers: {location: customers.csv}
publish: {location: warehouse/}
limits: {memory: 1GiB, target_partitions: 2, max_rejected_share: 0.9, max_conflicting_share: 0.9}
";

#[test]
fn branches_numbers_and_what_they_stand_for_stay_unknown() {
    let chain = Chain::new(&format!("{OF_BRANCHES}{}", privacy(KEY)));
    chain.write(
        "customers.csv",
        "branch_id,local_id,customer_id,updated_at\n\
         B1,MEM-10003,MEM-10001,2024-11-02T00:00:00Z\n\
         B1,MEM-10003,MEM-10002,2024-11-01T00:00:00Z\n\
         B1,MEM-10004,,2024-11-01T00:00:00Z\n\
         B1,MEM-10005,MEM-10006,MEM-10006\n",
    );
    chain.write(
        "orders.csv",
        "order_id,customer_id,branch_id,paid_at,amount,referrer_id\n\
         A1,MEM-10003,B1,2024-11-01,10,\n\
         A2,MEM-10007,B1,2024-11-02,10,MEM-10003\n\
         A3,MEM-10007,B1,2024-11-03,ten,MEM-10003\n\
         A4,MEM-10008,B1/MEM-10008,2024-11-03,ten,\n",
    );
    let output = rfmart(&chain, &["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&output).contains("another customer (row 2 of file://"), "{}", printed(&output));
    assert_eq!(told(&printed(&output)), [""; 0]);
    for file in files_below(&chain.path("warehouse")) {
        assert_eq!(told(&contents(&file)), [""; 0], "{}", file.display());
    }
    // HMAC-SHA256 under `KEY` of B1/MEM-10007, the id that is made of branch and number.
    let made = "95e8a23fb9c9c46cd910d34d97df7dac";
    let customers = rows(&part(&chain.path("warehouse"), "dim_customer", "2024-11-21"), &["customer_id"]);
    let expected = BTreeSet::from([made, hash("MEM-10001")]);
    assert_eq!(customers.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    let an_amount = "is not an amount; expected one such as 1234.50 or 1,234.50";
    let referrer = hash("MEM-10001");
    assert!(
        rejected(&chain)
            .contains(&format!("orders 3 amount: 'ten' {an_amount} A3,{made},B1,2024-11-03,ten,{referrer}")),
        "{:?}",
        rejected(&chain)
    );
}

#[test]
fn a_header_that_may_be_a_row_is_not_quoted() {
    let chain = chain(&privacy(KEY));
    chain.write("orders/1.csv", CSV.split_once('\n').expect("a header").1);
    let error = refusal(&chain, "2024-11-21").to_string();
    assert!(error.contains("orders/1.csv: no column '會員' for orders.customer_id\nhint: "), "{error}");
    assert_eq!(told(&error), [""; 0]);
}

#[test]
fn a_run_that_fails_leaves_no_ids_behind() {
    let chain = chain(&privacy(KEY));
    let strict = format!("{PUBLIC}{}", privacy(KEY))
        .replace("max_rejected_share: 0.9", "max_rejected_share: 0.1, work_dir: work");
    chain.write("pipeline.yaml", &strict);
    let output = rfmart(&chain, &["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert_eq!(output.status.code(), Some(65), "{}", printed(&output));
    assert_eq!(told(&printed(&output)), [""; 0]);
    let files = files_below(&chain.path("work"));
    assert!(!files.is_empty(), "rejected rows are kept");
    for file in files {
        assert_eq!(told(&contents(&file)), [""; 0], "{}", file.display());
    }
}
