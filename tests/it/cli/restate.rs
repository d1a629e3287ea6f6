//! A day that is published already, run again: what a scheduler sees, and whether the advice helps.

use std::fs;

use super::{Folder, ORDERS, PIPELINE, RUN};

/// A chain that reads a folder, and has published a day.
fn published() -> Folder {
    let folder = Folder::new(&PIPELINE.replace("orders.csv", "in/*.csv"));
    fs::create_dir(folder.path("in")).expect("a folder");
    folder.write("in/a.csv", ORDERS);
    folder.call(RUN).stdout();
    folder
}

fn order(number: u32, day: &str) -> String {
    ORDERS.replace("A1,", &format!("A{number},")).replace("2024-11-05", day)
}

const BACKFILL: &[&str] = &["backfill", "pipeline.yaml", "--from", "2024-11-21", "--to", "2024-11-22"];

/// What changes, in words, and how.
type Change<'a> = (&'a str, &'a dyn Fn(&Folder));

#[test]
fn a_touched_file_a_copy_and_rows_of_later_days_leave_a_day_up_to_date() {
    let changes: [Change; 3] = [
        ("replaced object", &|folder| folder.write("in/a.csv", ORDERS)),
        ("new object", &|folder| folder.write("in/copy.csv", ORDERS)),
        ("new object", &|folder| folder.write("in/later.csv", &order(5, "2024-11-25"))),
    ];
    for (what, change) in changes {
        let folder = published();
        change(&folder);
        let text = folder.call(RUN).stdout();
        let told = "clinics: the snapshot of 2024-11-21 is up to date (commit 1): these have changed since, and every \
                    table comes out the same\n";
        assert!(text.starts_with(&format!("{told}  {what} file://")), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
        let backfilled = folder.call(BACKFILL);
        assert_eq!(backfilled.code, 0, "{}", backfilled.stderr);
        let expected =
            "2024-11-21  up to date (commit 1): inputs have changed, no table has\n2024-11-22  published as commit 2\n";
        assert_eq!(backfilled.stdout, expected);
    }
}

#[test]
fn the_advice_for_a_day_that_would_come_out_otherwise_helps() {
    let folder = published();
    folder.write("in/late.csv", &order(7, "2024-11-20"));
    let refused = folder.call(RUN);
    refused.assert_fails(65, "the snapshot of 2024-11-21 is published already, and would come out otherwise now\n");
    let hint = "hint: if the change is right, publish the day anew: `rfmart run … --as-of 2024-11-21 --restate \
                --reason 'why'`; later days have it in any case\n";
    assert!(refused.stderr.ends_with(hint), "{}", refused.stderr);
    let restate = ["--restate", "--reason", "why"];
    let text = folder.call(&[RUN, &restate].concat()).stdout();
    assert!(text.contains("\nCommit 2 in place of 1: "), "{text}");
    let again = folder.call(RUN).stdout();
    assert!(again.starts_with("clinics: the snapshot of 2024-11-21 is up to date (commit 2, "), "{again}");
}
