//! How models are carried out: over a chain's rows that lie in order of customers nothing is hashed, shuffled or sorted
//! again, and the same bytes come out however many partitions and buckets there are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Models over everybody's rows, which the night's time goes into.
const HEAVY: [&str; 6] = [
    "int_customer_day",
    "int_customer_department",
    "int_customer_stage",
    "opening.int_customer_stage",
    "baseline.int_customer_stage",
    "int_customer_lifecycle",
];

fn rfmart(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmart"));
    command.args(arguments);
    command
}

/// A made-up chain, in as many partitions as asked for.
struct Night {
    folder: TempDir,
}

impl Night {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().to_string_lossy().into_owned();
        let sizes = ["--orders", "4000", "--customers", "800", "--branches", "5", "--until", "2026-10-31"];
        let made = rfmart(&["generate", &place, "--format", "parquet"]).args(sizes).output().expect("rfmart");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Night { folder }
    }

    /// Runs it; returns what was published, and how each kept model was carried out.
    fn run(&self, partitions: usize, scopes: &str) -> (BTreeMap<PathBuf, Vec<u8>>, BTreeMap<String, String>) {
        let warehouse = format!("warehouse-{partitions}/");
        let pipeline = fs::read_to_string(self.folder.path().join("pipeline.yaml")).expect("a pipeline");
        let pipeline = pipeline
            .replace("location: warehouse/", &format!("location: {warehouse}"))
            .replace("scopes: [chain, branch]", &format!("scopes: {scopes}"));
        let file = self.folder.path().join("night.yaml");
        fs::write(&file, format!("{pipeline}\nlimits: {{target_partitions: {partitions}}}\n")).expect("written");
        let mut command = rfmart(&["--log-format", "json", "run", &file.to_string_lossy(), "--as-of", "2026-10-31"]);
        let ran = command.env("RUST_LOG", "rfmart::engine=debug").output().expect("rfmart");
        let log = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{log}");
        let mut files = BTreeMap::new();
        published(&self.folder.path().join(&warehouse), &mut files);
        (files, plans(&log))
    }
}

/// The tables' files under `folder`, by their paths in it; all but the commits, which tell of times.
fn published(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(&inside).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("inside").to_owned();
            match () {
                () if name.starts_with("_rfmart") || name.starts_with("dim_snapshot") => {}
                () if path.is_dir() => folders.push(path),
                () => drop(files.insert(name, fs::read(&path).expect("a file"))),
            }
        }
    }
}

fn plans(log: &str) -> BTreeMap<String, String> {
    let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let plan = |event: Value| {
        let text = |name: &str| Some(event.pointer(&format!("/fields/{name}"))?.as_str()?.to_owned());
        Some((text("node")?, text("plan")?))
    };
    events.filter_map(plan).collect()
}

#[test]
fn heavy_models_stream_over_customers_in_order() {
    let (_, plans) = Night::new().run(2, "[chain, branch]");
    for model in HEAVY {
        let plan = plans.get(model).unwrap_or_else(|| panic!("no plan of {model} in {:?}", plans.keys()));
        for costly in ["RepartitionExec", "SortExec", "SortPreservingMergeExec", "mode=Partial,", "mode=Partitioned,"] {
            assert!(!plan.contains(costly), "{model} has a {costly}:\n{plan}");
        }
    }
    for model in &HEAVY[..5] {
        let is_ordered =
            ["ordering_mode=Sorted", "ordering_mode=PartiallySorted"].map(|mode| plans[*model].contains(mode));
        assert!(is_ordered.contains(&true), "{model} aggregates by hash:\n{}", plans[*model]);
    }
    for model in ["int_customer_day", "int_customer_stage"] {
        assert!(plans[model].contains("InOrderAggregateExec"), "{model} looks groups up:\n{}", plans[model]);
    }
    for table in ["fct_customer_rfm", "fct_lifecycle_snapshot"] {
        let (above, below) = plans[table].split_once("SortExec").unwrap_or_else(|| panic!("{}", plans[table]));
        assert!(above.contains("customer_id("), "{table}:\n{above}");
        assert!(!below.contains("customer_id(") && !below.contains("HashJoinExec"), "{table}:\n{below}");
    }
}

#[test]
fn partitions_and_buckets_leave_no_trace_in_the_bytes() {
    let night = Night::new();
    let (alone, _) = night.run(1, "[chain, branch, department, item]");
    assert!(alone.len() > 15, "{:?}", alone.keys());
    for partitions in [2, 16] {
        let (files, _) = night.run(partitions, "[chain, branch, department, item]");
        assert_eq!(alone.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        for (name, bytes) in &files {
            assert!(alone[name] == *bytes, "{} differs with {partitions} partitions", name.display());
        }
    }
}
