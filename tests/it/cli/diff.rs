//! `rfmart diff`: two published snapshots side by side.

use super::{Folder, ORDERS, PIPELINE};

/// Snapshots of two days between which a customer came, one went on to another stage, and one was there both times.
fn published() -> Folder {
    let folder = Folder::new(PIPELINE);
    folder.write(
        "orders.csv",
        &format!("{ORDERS}A2,c2,B1,2024-11-05,40\nA3,c1,B1,2024-11-20,25.5\nA4,c3,B2,2024-11-21,7\n"),
    );
    for day in ["2024-11-10", "2024-11-22"] {
        folder.call(&["run", "pipeline.yaml", "--as-of", day]).stdout();
    }
    folder
}

#[test]
fn customers_money_and_moves_are_told_by_branch() {
    let text = published().call(&["diff", "pipeline.yaml", "2024-11-10", "2024-11-22"]).stdout();
    let expected = "\
clinics: 2024-11-22 (commit 2) against 2024-11-10 (commit 1)

   Branch  customers  before  change  TWD in the window  before  change
   *               3       2      +1             172.50  140.00  +32.50
   B1              2       2       0             165.50  140.00  +25.50
   B2              1       0      +1               7.00    0.00   +7.00
";
    assert!(text.starts_with(expected), "{text}");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert!(lines.iter().any(|line| line.split_whitespace().eq(["*", "-", "new", "1"])), "{text}");
    assert!(lines.iter().any(|line| line.split_whitespace().eq(["B1", "new", "effective", "1"])), "{text}");
}

#[test]
fn a_snapshot_against_itself_has_no_move() {
    let text = published().call(&["diff", "pipeline.yaml", "2024-11-22", "2024-11-22"]).stdout();
    assert!(text.ends_with("\n  Stages: nobody moved\n\n  Segments: nobody moved\n"), "{text}");
}

#[test]
fn a_day_that_is_not_published_is_named() {
    let answer = published().call(&["diff", "pipeline.yaml", "2024-11-10", "2024-11-11"]);
    assert_eq!(answer.code, 64);
    assert!(
        answer.stderr.contains("there is no snapshot of 2024-11-11\nhint: `rfmart runs` lists"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_table_that_was_not_published_is_named() {
    let folder = Folder::new(&PIPELINE.replace("publish: {", "publish: {tables: [fct_customer_rfm], "));
    for day in ["2024-11-10", "2024-11-22"] {
        folder.call(&["run", "pipeline.yaml", "--as-of", day]).stdout();
    }
    let answer = folder.call(&["diff", "pipeline.yaml", "2024-11-10", "2024-11-22"]);
    assert_eq!(answer.code, 65);
    let told = "the snapshot of 2024-11-10 (commit 1) has no fct_lifecycle_snapshot\nhint: publish.tables must name it";
    assert!(answer.stderr.contains(told), "{}", answer.stderr);
}
