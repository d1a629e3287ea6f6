//! What is missing in a night of thirty branches: with the settings that ship, nothing is published, and who reads the
//! log knows where to look.

use std::fs;

use chrono::NaiveDate;

use super::{Answer, Folder, PIPELINE};

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount";
const BRANCHES: usize = 30;

/// Two orders a day at a branch, in 80 days up to 2024-11-19.
fn export(branch: usize) -> String {
    let first = NaiveDate::from_ymd_opt(2024, 9, 1).expect("a day");
    let mut text = format!("{HEADER}\n");
    for (number, day) in first.iter_days().take(80).enumerate() {
        for customer in 1..=2 {
            text += &format!("{number}-{customer},c{branch}-{},B{branch},{day},100\n", customer + number % 9);
        }
    }
    text
}

/// A chain that has published 2024-11-18.
fn published() -> Folder {
    let folder = Folder::new(&PIPELINE.replace("orders.csv", "in/*.csv"));
    fs::create_dir(folder.path("in")).expect("a folder");
    for branch in 1..=BRANCHES {
        folder.write(&format!("in/{branch}.csv"), &export(branch));
    }
    folder.call(&["run", "pipeline.yaml", "--as-of", "2024-11-18"]).stdout();
    folder
}

fn run(folder: &Folder, as_of: &str) -> Answer {
    let answer = folder.call(&["run", "pipeline.yaml", "--as-of", as_of]);
    assert!(!folder.path(&format!("warehouse/fct_customer_rfm/dt={as_of}")).exists() || answer.code == 0);
    answer
}

#[test]
fn a_branch_that_is_gone_empty_cut_rejected_or_of_other_amounts_stops_the_night_with_65() {
    let folder = published();
    let whole = export(7);
    let lines: Vec<&str> = whole.lines().collect();
    let cases = [
        (None, "0 rows are used, 158 were"),
        (Some(format!("{HEADER}\n")), "0 rows are used, 158 were"),
        (Some(lines[..=100].join("\n") + "\n"), "100 rows are used, 158 were"),
        (Some(whole.replace(",B7,2024-", ",B7,2024/13/")), "0 rows are used, 158 were"),
        (Some(whole.replace(",100\n", ",10000\n")), "a row's mean amount is 10000.00, and was 100.00"),
    ];
    for (left, told) in cases {
        match left {
            None => fs::remove_file(folder.path("in/7.csv")).expect("an export"),
            Some(text) => folder.write("in/7.csv", &text),
        }
        let answer = run(&folder, "2024-11-19");
        let first = "a branch has lost rows, or has amounts of another size, since the snapshot of 2024-11-18\n";
        answer.assert_fails(65, first);
        assert!(answer.stderr.contains(&format!("\n  orders of branch B7: {told}\n")), "{}", answer.stderr);
        let hint = "\nhint: `rfmart plan --objects` tells which files are gone or replaced; if this is right, run once \
                    more with --allow-empty\n";
        assert!(answer.stderr.ends_with(hint), "{}", answer.stderr);
    }
    folder.write("in/7.csv", &whole);
    assert_eq!(run(&folder, "2024-11-19").code, 0);
}

#[test]
fn a_listing_that_is_cut_short_stops_the_night_with_65() {
    let folder = published();
    for branch in 20..=BRANCHES {
        fs::remove_file(folder.path(&format!("in/{branch}.csv"))).expect("an export");
    }
    let answer = run(&folder, "2024-11-19");
    answer.assert_fails(
        65,
        "11 branches have lost rows, or have amounts of another size, since the snapshot of 2024-11-18",
    );
    assert!(answer.stderr.contains("\n  orders of branch B30: 0 rows are used, 158 were\n"), "{}", answer.stderr);
}

#[test]
fn three_weeks_without_anything_new_stop_the_night_with_65() {
    let folder = published();
    let answer = run(&folder, "2024-12-10");
    answer.assert_fails(65, "coverage_holds.sql");
    assert!(answer.stderr.contains("silent"), "{}", answer.stderr);
}
