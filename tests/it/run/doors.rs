//! Delta logs, made of the commits.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{HEADER, ORDERS, configure, pipeline, publish, small, table};
use crate::common::chain::{Chain, day, run_with};
use rfmart::publish::Warehouse;
use rfmart::run::{Consent, Outcome};
use rfmart::storage::Stores;

/// A chain that keeps logs, with two nights.
fn published() -> Chain {
    let chain = small();
    configure(&chain, ORDERS, "");
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a pipeline");
    chain.write("pipeline.yaml", &yaml.replace("location: warehouse/", "location: warehouse/, delta: true"));
    publish(&chain, "2024-11-20");
    publish(&chain, "2024-11-21");
    chain
}

fn log(chain: &Chain, table: &str) -> PathBuf {
    chain.path(&format!("warehouse/{table}/_delta_log"))
}

/// The actions of a table's log, version by version.
fn versions(chain: &Chain, table: &str) -> Vec<Vec<Value>> {
    let names: BTreeSet<PathBuf> =
        fs::read_dir(log(chain, table)).expect("a log").map(|entry| entry.expect("an entry").path()).collect();
    for (number, name) in names.iter().enumerate() {
        assert!(name.ends_with(format!("{number:020}.json")), "{}", name.display());
    }
    let lines = |name: &PathBuf| {
        let text = fs::read_to_string(name).expect("a version");
        text.lines().map(|line| serde_json::from_str(line).expect("an action")).collect()
    };
    names.iter().map(lines).collect()
}

/// What all versions together leave of a table: its files.
fn live(chain: &Chain, table: &str) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for action in versions(chain, table).into_iter().flatten() {
        if let Some(path) = action["remove"]["path"].as_str() {
            assert!(files.remove(path), "{path} wasn't there");
        }
        if let Some(path) = action["add"]["path"].as_str() {
            assert!(files.insert(path.to_owned()), "{path} was there");
        }
    }
    files
}

fn there(chain: &Chain, table: &str) -> BTreeSet<String> {
    let folder = chain.path(&format!("warehouse/{table}"));
    let days = fs::read_dir(&folder).expect("a table").map(|entry| entry.expect("a day").path());
    let files = days.filter(|day| !day.ends_with("_delta_log")).flat_map(|day| fs::read_dir(day).expect("a day"));
    let name = |path: PathBuf| path.strip_prefix(&folder).expect("a name").display().to_string();
    files.map(|file| name(file.expect("a file").path())).collect()
}

#[test]
fn a_delta_log_has_a_version_for_each_commit() {
    let chain = published();
    for name in ["fct_customer_rfm", "dim_stage", "dim_snapshot"] {
        let versions = versions(&chain, name);
        assert_eq!(versions.len(), 2, "{name}");
        assert_eq!(live(&chain, name), there(&chain, name), "{name}");
        let kinds = |actions: &[Value]| {
            let kind = |action: &Value| action.as_object().expect("an action").keys().next().expect("a kind").clone();
            actions.iter().map(kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&versions[0]), ["commitInfo", "protocol", "metaData", "add"], "{name}");
        assert_eq!(kinds(&versions[1]), ["commitInfo", "add"], "{name}");
    }
    let first = &versions(&chain, "fct_customer_rfm")[0];
    let schema: Value =
        serde_json::from_str(first[2]["metaData"]["schemaString"].as_str().expect("a text")).expect("a schema");
    let field = |name: &str| {
        let fields = schema["fields"].as_array().expect("fields");
        fields.iter().find(|field| field["name"] == name).map(|field| field["type"].clone())
    };
    assert_eq!([field("as_of"), field("monetary")], ["date", "decimal(18,2)"].map(|kind| Some(kind.into())));
    let stats: Value = serde_json::from_str(first[3]["add"]["stats"].as_str().expect("a text")).expect("statistics");
    assert_eq!((&stats["numRecords"], &stats["minValues"]["as_of"]), (&2.into(), &"2024-11-20".into()));
}

#[test]
fn a_restated_day_is_a_version_that_removes_its_old_files() {
    let chain = published();
    chain.write("orders/1.csv", &format!("{HEADER}\nA1,c1,B1,2024-10-20,100\nA2,c1,B1,2024-11-05,50.51\n"));
    let consent = Consent { restate: Some("cents".to_owned()), ..Consent::default() };
    run_with(&pipeline(&chain), day("2024-11-20"), &consent).expect("a restatement");
    assert_eq!(live(&chain, "fct_customer_rfm"), there(&chain, "fct_customer_rfm"));
    let last = versions(&chain, "fct_customer_rfm").pop().expect("a version");
    assert!(last.iter().any(|action| action.get("remove").is_some()), "{last:?}");
    // A table that came out the same has a version without files.
    assert_eq!(live(&chain, "dim_stage"), there(&chain, "dim_stage"));
    assert_eq!(versions(&chain, "dim_stage").len(), 3);
    assert_eq!(table(&chain, "fct_customer_rfm", "2024-11-20", &["monetary"])[0], "150.51");
}

#[test]
fn a_log_that_a_killed_run_left_unwritten_is_written_by_the_next() {
    let chain = published();
    let before: Vec<_> = ["fct_customer_rfm", "dim_snapshot"].map(|name| versions(&chain, name)).into();
    for name in ["fct_customer_rfm", "dim_snapshot"] {
        fs::remove_file(log(&chain, name).join(format!("{:020}.json", 1))).expect("a version");
    }
    publish(&chain, "2024-11-21");
    let after: Vec<_> = ["fct_customer_rfm", "dim_snapshot"].map(|name| versions(&chain, name)).into();
    assert_eq!(before, after);
}

#[test]
fn a_log_that_is_not_as_the_commits_say_is_made_again_by_repair() {
    let chain = published();
    let before = versions(&chain, "fct_customer_rfm");
    fs::write(log(&chain, "fct_customer_rfm").join(format!("{:020}.json", 1)), "{\"add\": {}}").expect("a file");
    let pipeline = pipeline(&chain);
    let warehouse =
        Warehouse::open(&pipeline.publish.location, &Stores::new(pipeline.storage.clone())).expect("a warehouse");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let repaired = runtime.block_on(async {
        let history = warehouse.commits().read_all().await?;
        warehouse.repair(&history, &chain.path("work")).await
    });
    assert_eq!(repaired.expect("a repair").logs, 1);
    assert_eq!(versions(&chain, "fct_customer_rfm"), before);
}

#[test]
fn snapshots_that_close_no_period_are_kept_as_long_as_the_pipeline_says() {
    let chain = published();
    let yaml = fs::read_to_string(chain.path("pipeline.yaml")).expect("a pipeline");
    chain.write("pipeline.yaml", &yaml.replace("delta: true", "delta: true, keep_daily: 10"));
    // The days that readers see, by a glob and by the log.
    let days = |name: &str| -> Vec<String> {
        assert_eq!(live(&chain, name), there(&chain, name), "{name}");
        live(&chain, name)
            .iter()
            .map(|file| file.split('/').next().expect("a folder").replace("dt=2024-", ""))
            .collect()
    };
    publish(&chain, "2024-11-30");
    assert_eq!(days("fct_customer_rfm"), ["11-20", "11-21", "11-30"]);
    publish(&chain, "2024-12-01");
    for name in ["fct_customer_rfm", "dim_snapshot"] {
        assert_eq!(days(name), ["11-21", "11-30", "12-01"]);
    }
    // It isn't missed, and comes back for a night where somebody asks for it.
    assert!(matches!(publish(&chain, "2024-12-01"), Outcome::UpToDate(_)));
    assert!(matches!(publish(&chain, "2024-11-20"), Outcome::Published(_)));
    assert_eq!(days("dim_snapshot"), ["11-20", "11-21", "11-30", "12-01"]);
    publish(&chain, "2025-01-05");
    assert_eq!(days("fct_lifecycle_snapshot"), ["11-30", "dt=2025-01-05"]);
}
