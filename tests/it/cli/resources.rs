//! Too little memory, too few threads, too little time: slow, or an error that says so, but never a hang or a signal.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

use super::{Answer, Folder, PIPELINE, RUN};

const DAY: &str = "2026-10-31";

/// A generated chain, and `limits` in its pipeline file.
fn chain(limits: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["generate", ".", "--branches", "3", "--customers", "600", "--months", "12"];
    let generated = rfmart(folder.path(), "true").args(arguments).output().expect("rfmart");
    assert!(generated.status.success(), "{}", told(&generated));
    let file = folder.path().join("pipeline.yaml");
    let pipeline = std::fs::read_to_string(&file).expect("a pipeline");
    assert!(pipeline.contains("\nlimits:\n"));
    std::fs::write(&file, pipeline.replace("\nlimits:\n", &format!("\nlimits:\n{limits}"))).expect("a pipeline");
    folder
}

/// `rfmart` in `folder`, once `limit` of the shell is set.
fn rfmart(folder: &Path, limit: &str) -> Command {
    let mut command = Command::new("sh");
    let script = format!("{limit} && exec \"$0\" \"$@\"");
    command.current_dir(folder).env_clear().args(["-c", &script, env!("CARGO_BIN_EXE_rfmart")]);
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn with_little_memory_for_many_partitions_a_run_is_slow_and_succeeds() {
    let chain = chain("  memory: 64MiB\n  target_partitions: 16\n");
    let ran = rfmart(chain.path(), "true").args(["run", "pipeline.yaml", "--as-of", DAY]).output().expect("rfmart");
    assert!(ran.status.success(), "{}", told(&ran));
}

#[test]
fn a_thousand_partitions_are_no_more_than_the_machine_takes() {
    let chain = chain("  memory: 4GiB\n  target_partitions: 1024\n");
    let ran = rfmart(chain.path(), "true").args(["run", "pipeline.yaml", "--as-of", DAY]).output().expect("rfmart");
    assert!(ran.status.success(), "{}", told(&ran));
}

#[test]
fn a_process_that_gets_no_more_memory_says_so() {
    let chain = chain("");
    // The program itself is mapped, too.
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_rfmart")).expect("the program").len() / 1024;
    let mut ended = Vec::new();
    for kilobytes in [50_000, 100_000, 150_000, 200_000].map(|more| program + more) {
        let limit = format!("ulimit -c 0 && ulimit -v {kilobytes}");
        let ran = rfmart(chain.path(), &limit).args(["run", "pipeline.yaml", "--as-of", DAY]).output().expect("rfmart");
        let told = told(&ran);
        match ran.status.code() {
            Some(0) => {}
            Some(70) => assert!(told.contains("error: ") || told.contains("panicked"), "{told}"),
            code => panic!("{kilobytes} kB: {code:?}, {told}"),
        }
        ended.push(ran.status.code());
    }
    assert!(ended.contains(&Some(70)), "{ended:?}");
}

#[test]
fn a_process_that_gets_too_few_threads_says_so() {
    let folder = Folder::new(PIPELINE);
    let (program, built) = (folder.path("rfmart"), env!("CARGO_BIN_EXE_rfmart"));
    fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(drop)).expect("the program");
    fs::set_permissions(folder.path(""), Permissions::from_mode(0o777)).expect("permissions");
    // Root may have as many as it likes; a user of its own has no others.
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    let user: &[&str] = if is_root { &["setpriv", "--reuid=54321", "--clear-groups"] } else { &["env"] };
    for threads in ["--nproc=1", "--nproc=3", "--nproc=5"] {
        let mut command = Command::new(user[0]);
        command.current_dir(folder.path("")).env_clear().args(&user[1..]).args(["prlimit", threads, "./rfmart"]);
        // Only to end a test that would wait for ever.
        let answer = Answer::of(command.args(RUN).timeout(Duration::from_secs(120)));
        answer.assert_fails(70, "error: can't start the ");
        let hint = "hint: raise how many this user may have (`ulimit -u`, TasksMax, pids.max)";
        assert!(answer.stderr.contains(hint), "{threads}: {}", answer.stderr);
    }
}

#[test]
fn a_disk_that_takes_no_more_ends_a_run_with_73_and_readers_see_nothing_of_it() {
    // Files of a work folder don't fit, or the commit's record alone does not.
    for (blocks, told) in [(1, "error: can't write /tmp/rfmart-work-"), (30, "error: can't create the commit ")] {
        let folder = Folder::new(PIPELINE);
        let limit = format!("trap '' XFSZ && ulimit -f {blocks}");
        let answer = Answer::of(rfmart(&folder.path(""), &limit).args(RUN));
        assert_eq!((answer.code, answer.stdout.as_str()), (73, ""), "{}", answer.stderr);
        assert!(answer.stderr.starts_with(told) && answer.stderr.contains("(os error 27)"), "{}", answer.stderr);
        let seen = fs::read_dir(folder.path("warehouse")).into_iter().flatten();
        let seen: Vec<_> =
            seen.map(|entry| entry.expect("an entry").file_name()).filter(|name| name != "_rfmart").collect();
        assert!(seen.is_empty(), "{seen:?}");
        // Twice, for the first takes the number of the one that failed, and the second knows that nobody lives there.
        for _ in 0..2 {
            folder.call(RUN).stdout();
        }
        folder.call(&["verify", "pipeline.yaml"]).stdout();
        assert!(!folder.path("warehouse/_rfmart/pending").exists());
        let records = fs::read_dir(folder.path("warehouse/_rfmart/commits")).expect("records");
        assert_eq!(records.count(), 1, "what was begun of the record is left");
    }
}

/// It takes as long as a run may take to stop.
#[test]
#[ignore = "takes 20 seconds: `scripts/cargo.sh test -- --ignored`"]
fn a_query_without_a_pause_ends_with_the_deadline_and_some_patience() {
    let folder = Folder::new(&format!("{PIPELINE}limits: {{deadline: 1s}}\n"));
    std::fs::create_dir_all(folder.path("sql/marts")).expect("a folder");
    let tables: Vec<String> = (0..24).map(|number| format!("seed_stage as s{number}")).collect();
    let sql = format!(
        "-- A.\nselect distinct $as_of as as_of, s1.stage || s3.stage as x\nfrom {}\norder by x\n",
        tables.join(" cross join ")
    );
    folder.write("sql/marts/fct_x.sql", &sql);
    let columns = "columns: [{name: as_of, type: date, description: D.}, {name: x, type: text, description: X.}]";
    folder.write("sql/marts/fct_x.yaml", &format!("description: A.\ngrain: [as_of, x]\n{columns}\n"));
    let answer = folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
    assert_eq!(answer.code, 75, "{}", answer.stderr);
    assert!(answer.stderr.contains("not done within limits.deadline, 1 s"), "{}", answer.stderr);
}
