//! What this user may not read is a matter of configuration, and what it may not write one of the disk; each is named.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use assert_cmd::Command;

use super::{Answer, Folder, PIPELINE, RUN};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rfmart");

/// A run of somebody to whom permissions apply, also where root runs the tests.
fn run(folder: &Folder) -> Answer {
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    let mut command = Command::new(if is_root { "setpriv" } else { PROGRAM });
    if is_root {
        command.args(["--bounding-set=-dac_override,-dac_read_search", PROGRAM]);
    }
    Answer::of(command.current_dir(folder.path("")).env_clear().args(RUN))
}

/// What a run says while nobody has the `lacking` permission for a file or folder; the run after that succeeds.
#[track_caller]
fn run_without(folder: &Folder, name: &str, lacking: u32) -> Answer {
    let path = folder.path(name);
    let before = fs::metadata(&path).expect("a file").permissions();
    fs::set_permissions(&path, Permissions::from_mode(before.mode() & !lacking)).expect("permissions");
    let answer = run(folder);
    fs::set_permissions(&path, before).expect("permissions");
    folder.call(RUN).stdout();
    answer
}

const READ: u32 = 0o444;
const WRITE: u32 = 0o222;

fn of_a_folder() -> Folder {
    let folder = Folder::new(&PIPELINE.replace("orders.csv", "in/*.csv"));
    fs::create_dir(folder.path("in")).expect("a folder");
    fs::rename(folder.path("orders.csv"), folder.path("in/orders.csv")).expect("a file");
    folder
}

#[test]
fn an_input_that_may_not_be_read_exits_with_78() {
    let folder = Folder::new(PIPELINE);
    let object = run_without(&folder, "orders.csv", READ);
    object.assert_fails(78, &format!("orders: can't look up file://{}", folder.path("orders.csv").display()));
    let folder = of_a_folder();
    let listed = run_without(&folder, "in/orders.csv", READ);
    listed.assert_fails(78, &format!("can't read file://{}", folder.path("in/orders.csv").display()));
    let folder = of_a_folder();
    let unlisted = run_without(&folder, "in", READ);
    unlisted.assert_fails(78, &format!("orders: can't list file://{}", folder.path("in/*.csv").display()));
    for answer in [object, listed, unlisted] {
        assert!(answer.stderr.contains("Permission denied (os error 13)\n"), "{}", answer.stderr);
        let hint = "\nhint: this user may not read it: grant that, or run as another\n";
        assert!(answer.stderr.ends_with(hint), "{}", answer.stderr);
    }
}

#[test]
fn a_pipeline_file_that_may_not_be_read_exits_with_78() {
    let answer = run_without(&Folder::new(PIPELINE), "pipeline.yaml", READ);
    answer.assert_fails(78, "pipeline.yaml: the file can't be read\n  Permission denied (os error 13)\n");
}

#[test]
fn a_warehouse_that_may_not_be_written_exits_with_73() {
    let folder = Folder::new(PIPELINE);
    fs::create_dir(folder.path("warehouse")).expect("a folder");
    let answer = run_without(&folder, "warehouse", WRITE);
    answer.assert_fails(73, "warehouse/_rfmart/pending/000001-");
    assert!(answer.stderr.contains("hint: is the disk full, or its folder not this user's to write?\n"));
}
