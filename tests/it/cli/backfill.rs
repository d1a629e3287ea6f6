//! `rfmart backfill`: days that are made up for.

use super::{Folder, ORDERS, PIPELINE};

const BACKFILL: &[&str] = &["backfill", "pipeline.yaml"];

fn backfill(folder: &Folder, options: &[&str]) -> super::Answer {
    folder.call(&[BACKFILL, options].concat())
}

/// What a backfill that succeeds answers; its progress is on stderr.
#[track_caller]
fn answer_of(folder: &Folder, options: &[&str]) -> String {
    let answer = backfill(folder, options);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    answer.stdout
}

#[test]
fn missing_days_are_published_and_others_left_alone() {
    let folder = Folder::new(PIPELINE);
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-21"]).stdout();
    let answer = backfill(&folder, &["--from", "2024-11-20", "--to", "2024-11-22"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let expected =
        "2024-11-20  published as commit 2\n2024-11-21  up to date (commit 1)\n2024-11-22  published as commit 3\n";
    assert_eq!(answer.stdout, expected);
    assert!(answer.stderr.contains("2024-11-21  up to date (commit 1); 2 of 3 days, "), "{}", answer.stderr);
    let again = answer_of(&folder, &["--from", "2024-11-20", "--to", "2024-11-22"]);
    assert_eq!(again.matches("up to date").count(), 3, "{again}");
}

#[test]
fn a_day_that_fails_its_gate_keeps_no_other_from_being_published() {
    let folder = Folder::new(PIPELINE);
    // Nobody is known before 2024-11-05.
    let answer = backfill(&folder, &["--from", "2024-11-03", "--to", "2024-11-05"]);
    assert_eq!(answer.code, 65);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(lines[0].starts_with("2024-11-03  failed: nobody is known by 2024-11-03"), "{}", answer.stdout);
    assert_eq!(lines[2], "2024-11-05  published as commit 1");
    assert!(answer.stderr.contains("\n  on 2024-11-03; 1 other days of 3 failed, too\n"), "{}", answer.stderr);
}

#[test]
fn period_ends_alone_where_that_is_asked_for() {
    let folder = Folder::new(PIPELINE);
    let text = answer_of(&folder, &["--from", "2024-11-20", "--to", "2025-01-15", "--period-ends"]);
    assert_eq!(text, "2024-11-30  published as commit 1\n2024-12-31  published as commit 2\n");
}

#[test]
fn days_that_differ_are_restated_where_that_is_asked_for() {
    let folder = Folder::new(PIPELINE);
    let span = ["--from", "2024-11-20", "--to", "2024-11-21"];
    answer_of(&folder, &span);
    folder.write("orders.csv", &format!("{ORDERS}A2,c1,B1,2024-11-21,200\n"));
    let answer = backfill(&folder, &[&span[..], &["--restate", "--reason", "a late till"]].concat());
    let expected = "2024-11-20  up to date (commit 1): inputs have changed, no table has\n\
                    2024-11-21  published anew as commit 3, in place of 2\n";
    assert_eq!(answer.stdout, expected, "{}", answer.stderr);
    let runs = folder.call(&["runs", "pipeline.yaml"]).stdout();
    assert!(runs.contains("\n     in place of 2: a late till\n"), "{runs}");
}

#[test]
fn a_span_that_is_none_or_not_over_is_refused() {
    let folder = Folder::new(PIPELINE);
    backfill(&folder, &["--from", "2024-11-21", "--to", "2024-11-20"])
        .assert_fails(64, "--from 2024-11-21 is after --to 2024-11-20");
    backfill(&folder, &["--from", "2024-11-21", "--to", "2999-01-01"]).assert_fails(64, "2999-01-01 isn't over yet");
    let answer = backfill(&folder, &["--from", "2024-11-21", "--to", "2024-11-22", "--restate"]);
    assert_eq!(answer.code, 64);
    assert!(answer.stderr.contains("--reason <TEXT>"), "{}", answer.stderr);
}

/// A closing snapshot of October, and a night of November that finds rows of October which came late.
fn with_late_rows(settings: &str) -> (Folder, String) {
    let folder = Folder::new(&PIPELINE.replace("publish: {", &format!("publish: {{{settings}")));
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-30"]).stdout();
    folder.write("orders.csv", &format!("{ORDERS}A2,c1,B1,2024-11-21,200\n"));
    let text = folder.call(&["run", "pipeline.yaml", "--as-of", "2024-12-02"]).stdout();
    (folder, text)
}

#[test]
fn late_rows_restate_a_closing_snapshot_where_the_pipeline_says_so() {
    let (folder, text) = with_late_rows("late_data: restate, ");
    assert!(
        text.contains("warning: the closing snapshot of 2024-11-30 lacks what came since: orders: B1 +1 rows"),
        "{text}"
    );
    assert!(text.ends_with("\nLate data: 2024-11-30 published anew as commit 3, in place of 1\n"), "{text}");
    let runs = folder.call(&["runs", "pipeline.yaml"]).stdout();
    assert!(runs.contains("late data: orders: B1 +1 rows, +200.00"), "{runs}");
}

#[test]
fn late_rows_are_shown_by_plan() {
    let (folder, _) = with_late_rows("");
    let plan = || folder.call(&["plan", "pipeline.yaml", "--as-of", "2024-12-03"]).stdout();
    let told = "\nThese lack what came after they were published, as commit 2 of 2024-12-02 saw:\n  the closing snapshot \
                of 2024-11-30: orders: B1 +1 rows, +200.00\n";
    assert!(plan().contains(told), "{}", plan());
    let restate = ["--as-of", "2024-11-30", "--restate", "--reason", "late"];
    folder.call(&[&["run", "pipeline.yaml"], &restate[..]].concat()).stdout();
    assert!(!plan().contains("lack what came"), "{}", plan());
}

#[test]
fn objects_are_read_once_for_all_days() {
    let folder = Folder::new(&format!("{PIPELINE}limits: {{work_dir: work/}}\n"));
    let arguments = [BACKFILL, &["--from", "2024-11-20", "--to", "2024-11-22"]].concat();
    let answer = super::Answer::of(folder.rfmart(&arguments).env("RUST_LOG", "rfmart=info"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let told = |counts: &str| answer.stderr.matches(counts).count();
    assert_eq!((told("read=1 stay_read=0"), told("read=0 stay_read=1")), (1, 2), "{}", answer.stderr);
    assert_eq!(std::fs::read_dir(folder.path("work")).expect("the folder of work folders").count(), 0);
}
