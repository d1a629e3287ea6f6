//! `rfmart verify`, `repair` and `gc`: whether the warehouse holds what was published, and what can be done about it.

use std::fs;
use std::path::PathBuf;

use super::{Folder, PIPELINE};
use crate::common::chain;

const RUN: &[&str] = &["run", "pipeline.yaml", "--as-of", "2024-11-21"];
const VERIFY: &[&str] = &["verify", "pipeline.yaml"];

/// A chain that has published a day.
fn published() -> Folder {
    let folder = Folder::new(PIPELINE);
    folder.call(RUN).stdout();
    folder
}

fn part(folder: &Folder, table: &str) -> PathBuf {
    chain::part(&folder.path("warehouse"), table, "2024-11-21")
}

/// Changes a byte, and leaves the size.
fn flip(file: &PathBuf) {
    let mut bytes = fs::read(file).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).expect("a file");
}

#[test]
fn a_warehouse_in_order_is_said_to_be_so() {
    let text = published().call(VERIFY).stdout();
    assert!(text.starts_with("Looked at 32 files of 1 commit in force, by their bytes ("), "{text}");
    assert!(text.ends_with(": 0 faults\n"), "{text}");
}

#[test]
fn each_fault_is_named_with_its_remedy_and_exits_with_65() {
    let folder = published();
    flip(&part(&folder, "fct_customer_rfm"));
    fs::write(part(&folder, "dim_item"), "cut").expect("a file");
    fs::remove_file(part(&folder, "fct_branch_comparison")).expect("a file");
    fs::write(folder.path("warehouse/fct_customer_rfm/dt=2024-11-21/part-0.parquet"), "stray").expect("a file");
    fs::write(folder.path("warehouse/_rfmart/commits/000002.json"), "").expect("a file");
    let answer = folder.call(VERIFY);
    assert_eq!(answer.code, 65, "{}", answer.stderr);
    let name = |table: &str| part_name(&folder, table);
    for (fault, remedy) in [
        (
            "_rfmart/commits/000002.json: the commit record can't be read: it is empty".to_owned(),
            "restore it from a backup",
        ),
        (
            format!("{}: it has other bytes than were published (commit 1)", name("fct_customer_rfm")),
            "`rfmart run --as-of 2024-11-21` makes it again",
        ),
        (format!("{}: it has 3 bytes where ", name("dim_item")), "`rfmart run --as-of 2024-11-21` makes it again"),
        ("fct_customer_rfm/dt=2024-11-21/part-0.parquet: no commit names it".to_owned(), "`rfmart gc` removes it"),
    ] {
        let (_, rest) = answer.stdout.split_once(&fault).unwrap_or_else(|| panic!("{fault}:\n{}", answer.stdout));
        assert!(rest.lines().nth(1).is_some_and(|line| line.contains(remedy)), "{}", answer.stdout);
    }
    assert!(answer.stdout.contains(": it is gone (commit 1)\n"), "{}", answer.stdout);
    assert!(answer.stdout.ends_with(": 5 faults\n"), "{}", answer.stdout);
    assert!(answer.stderr.contains("isn't as its commits say: 5 faults"), "{}", answer.stderr);
    // Without reading, the flipped byte isn't seen.
    let quick = folder.call(&[VERIFY, &["--quick"]].concat());
    assert!(quick.stdout.ends_with(", by their sizes: 4 faults\n"), "{}", quick.stdout);
}

/// The key of the committed file of a table.
fn part_name(folder: &Folder, table: &str) -> String {
    let record = fs::read_to_string(folder.path("warehouse/_rfmart/commits/000001.json")).expect("a commit");
    let record: serde_json::Value = serde_json::from_str(&record).expect("a commit");
    let files = record["files"].as_array().expect("files");
    let file = files.iter().find(|file| file["table"] == table).expect("a file");
    file["path"].as_str().expect("a path").to_owned()
}

#[test]
fn repair_puts_in_order_what_commits_tell_and_gc_removes_the_rest() {
    let folder = published();
    let before = fs::read(part(&folder, "dim_snapshot")).expect("a file");
    fs::remove_file(part(&folder, "dim_snapshot")).expect("a file");
    fs::write(folder.path("warehouse/_rfmart/commits/000002.json"), "{").expect("a file");
    let stray = folder.path("warehouse/fct_customer_rfm/dt=2024-11-21/part-0.parquet");
    fs::write(&stray, "stray").expect("a file");
    let refused = folder.call(&["gc", "pipeline.yaml"]);
    assert_eq!(refused.code, 65);
    assert!(
        refused.stderr.contains("the commit record _rfmart/commits/000002.json can't be read"),
        "{}",
        refused.stderr
    );
    let text = folder.call(&["repair", "pipeline.yaml"]).stdout();
    let expected = "1 file of dim_snapshot and dim_restatement written anew\n1 record that can't be read set aside, in _rfmart/damaged/\n";
    assert_eq!(text, expected);
    assert!(fs::read(part(&folder, "dim_snapshot")).expect("a file") == before);
    assert_eq!(fs::read_to_string(folder.path("warehouse/_rfmart/damaged/000002.json")).expect("a file"), "{");
    let name = "fct_customer_rfm/dt=2024-11-21/part-0.parquet";
    assert_eq!(
        folder.call(&["gc", "pipeline.yaml", "--dry-run"]).stdout(),
        format!("{name}\n1 file would be removed\n")
    );
    assert!(stray.exists());
    assert_eq!(folder.call(&["gc", "pipeline.yaml"]).stdout(), format!("{name}\n1 file removed\n"));
    assert!(!stray.exists());
    folder.call(VERIFY).stdout();
    let nothing = folder.call(&["repair", "pipeline.yaml"]).stdout();
    assert_eq!(nothing, "nothing to put in order; `rfmart verify` looks at every file\n");
}

/// As a write leaves it that is killed before the file has its name.
const UNFINISHED: &str = "_rfmart/pending/000001-dead/fct_customer_rfm.parquet#1";

#[test]
fn what_killed_writes_left_unfinished_is_found_and_removed() {
    let folder = published();
    let pending = folder.path("warehouse").join(UNFINISHED);
    fs::create_dir_all(pending.parent().expect("a folder")).expect("a folder");
    fs::write(&pending, "PAR1").expect("a file");
    let name = "fct_customer_rfm/dt=2024-11-21/part-0.parquet#1";
    fs::write(folder.path("warehouse").join(name), "PAR1").expect("a file");
    let answer = folder.call(VERIFY);
    assert_eq!(answer.code, 65, "{}", answer.stderr);
    assert!(answer.stdout.contains(&format!("{name}: no commit names it")), "{}", answer.stdout);
    assert_eq!(folder.call(&["gc", "pipeline.yaml"]).stdout(), format!("{name}\n1 file removed\n"));
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-22"]).stdout();
    assert!(!folder.path("warehouse/_rfmart/pending").exists());
    folder.call(VERIFY).stdout();
}

#[test]
fn a_file_of_other_bytes_is_set_aside_and_made_again() {
    let folder = published();
    let file = part(&folder, "fct_customer_rfm");
    let before = fs::read(&file).expect("a file");
    flip(&file);
    let text = folder.call(&["repair", "pipeline.yaml"]).stdout();
    assert_eq!(text, "1 file of other bytes set aside, in _rfmart/damaged/: run their days, to make them again\n");
    assert!(!file.exists());
    let text = folder.call(RUN).stdout();
    assert!(text.contains("1 file of the snapshot of 2024-11-21 (commit 1) was gone or damaged"), "{text}");
    assert!(fs::read(&file).expect("a file") == before);
    folder.call(VERIFY).stdout();
}

#[test]
fn a_run_that_has_published_succeeds_also_if_nobody_can_be_told() {
    let folder = Folder::new(PIPELINE);
    let full = fs::File::options().write(true).open("/dev/full").expect("a full device");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rfmart"));
    let answer = command.current_dir(folder.path("")).env_clear().args(RUN).stdout(full).output().expect("a run");
    assert_eq!(answer.status.code(), Some(0));
    let stderr = String::from_utf8_lossy(&answer.stderr);
    assert!(stderr.contains("warning: it is done, but can't be told on stdout: "), "{stderr}");
    assert!(folder.path("warehouse/_rfmart/commits/000001.json").exists());
}

/// Commands that need to know what is published.
const READING: &[&[&str]] = &[
    RUN,
    &["plan", "pipeline.yaml", "--as-of", "2024-11-22"],
    &["backfill", "pipeline.yaml", "--from", "2024-11-21", "--to", "2024-11-21"],
    &["runs", "pipeline.yaml"],
    &["report", "pipeline.yaml"],
    &["catalog", "pipeline.yaml"],
    &["diff", "pipeline.yaml", "2024-11-21", "2024-11-21"],
];

#[test]
fn a_record_that_is_empty_or_torn_blocks_no_command() {
    for (damage, cause) in [("", "it is empty\n"), ("{\"format\": 1, \"numb", "EOF while parsing a string at line 1")] {
        let folder = published();
        fs::write(folder.path("warehouse/_rfmart/commits/000002.json"), damage).expect("a record");
        for command in READING {
            let answer = folder.call(command);
            assert_eq!(answer.code, 0, "{command:?}: {}", answer.stderr);
        }
        let runs = folder.call(&["runs", "pipeline.yaml"]).stdout();
        assert!(runs.contains(&format!("\ndamaged: _rfmart/commits/000002.json: {cause}")), "{runs}");
    }
}

#[test]
fn a_record_of_a_later_rfmart_stops_every_command_with_78() {
    let folder = published();
    let record = "{\"format\": 99, \"rfmart_version\": \"9.0.0\"}";
    fs::write(folder.path("warehouse/_rfmart/commits/000002.json"), record).expect("a record");
    let others: &[&[&str]] =
        &[VERIFY, &["status", "pipeline.yaml"], &["repair", "pipeline.yaml"], &["gc", "pipeline.yaml"]];
    for command in READING.iter().chain(others) {
        let answer = folder.call(command);
        answer.assert_fails(78, "error: commit 2 has format 99, and this rfmart reads up to ");
        let hint = "hint: a later rfmart (9.0.0) publishes here: use that one, or one as late\n";
        assert!(answer.stderr.ends_with(hint), "{command:?}: {}", answer.stderr);
    }
}

#[test]
fn a_table_that_was_deleted_is_made_again_and_not_up_to_date() {
    let folder = published();
    let before = fs::read(part(&folder, "fct_customer_rfm")).expect("a file");
    for gone in ["fct_customer_rfm", "fct_customer_rfm/dt=2024-11-21"] {
        fs::remove_dir_all(folder.path("warehouse").join(gone)).expect("a table");
        let text = folder.call(RUN).stdout();
        let told = "clinics: 1 file of the snapshot of 2024-11-21 (commit 1) was gone or damaged, and is there again\n";
        assert_eq!(text, told);
        assert!(fs::read(part(&folder, "fct_customer_rfm")).expect("a file") == before);
    }
    assert!(folder.call(RUN).stdout().starts_with("clinics: the snapshot of 2024-11-21 is up to date (commit 1, "));
}
