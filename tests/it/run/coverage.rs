//! What is missing is told, and what is missing badly stops a run.

use std::fs;

use super::{HEADER, ORDERS, attempt, chain, pipeline, publish, table};
use crate::common::chain::{Chain, day, run_with};
use rfmart::run::{Consent, Empty, Outcome};
use rfmart::{Error, Kind};

/// Six orders a day at each of three branches, from 2024-09-01 up to the day before `until`; a file per branch.
fn busy(until: &str, settings: &str) -> Chain {
    let chain = chain(ORDERS, settings);
    for branch in ["B1", "B2", "B3"] {
        chain.write(&format!("orders/{branch}.csv"), &export(branch, "2024-09-01", until, 100));
    }
    chain
}

fn export(branch: &str, from: &str, until: &str, amount: u32) -> String {
    let mut text = format!("{HEADER}\n");
    for date in day(from).iter_days().take_while(|date| *date < day(until)) {
        for number in 1..=6 {
            text += &format!("{date}-{number},c{number},{branch},{date},{amount}\n");
        }
    }
    text
}

#[track_caller]
fn refused(chain: &Chain, as_of: &str) -> Error {
    let error = attempt(chain, as_of).err().expect("a refusal");
    assert_eq!(error.kind(), Kind::Data, "{error}");
    assert!(!chain.path(&format!("warehouse/fct_coverage/dt={as_of}")).exists());
    error
}

fn warnings(chain: &Chain, as_of: &str) -> String {
    let Outcome::Published(published) = publish(chain, as_of) else { panic!("it isn't published") };
    published.warnings.join("\n")
}

#[test]
fn of_a_night_like_the_others_nothing_is_missing() {
    let chain = busy("2024-11-22", "");
    for as_of in ["2024-11-20", "2024-11-21"] {
        let text = warnings(&chain, as_of);
        assert!(!text.contains("coverage") && !text.contains("branch"), "{text}");
    }
    let verdicts =
        table(&chain, "fct_coverage", "2024-11-21", &["scope_id", "rows_of_day", "expected_rows", "verdict"]);
    assert_eq!(verdicts, ["B1 6 6.0 ok", "B2 6 6.0 ok", "B3 6 6.0 ok", "* 18 18.0 ok"]);
}

/// A branch's file makes way for `left`, or for nothing; the next night refuses, and tells of `told`.
#[track_caller]
fn assert_loss_is_told(left: Option<String>, told: &str) {
    let chain = busy("2024-11-22", "");
    publish(&chain, "2024-11-19");
    match left {
        None => fs::remove_file(chain.path("orders/B2.csv")).expect("a file"),
        Some(text) => chain.write("orders/B2.csv", &text),
    }
    let error = refused(&chain, "2024-11-20");
    let told_first = "a branch has lost rows, or has amounts of another size, since the snapshot of 2024-11-19\n";
    assert!(error.to_string().starts_with(told_first), "{error}");
    assert!(error.to_string().contains(told), "{error}");
    assert!(error.to_string().contains("--allow-empty"), "{error}");
    // If it is right, somebody says so once.
    let consent = Consent { empty: Empty::Allowed, ..Consent::default() };
    let outcome = run_with(&pipeline(&chain), day("2024-11-20"), &consent).expect("a snapshot");
    let Outcome::Published(published) = outcome else { panic!("it isn't published") };
    assert!(published.warnings.join("\n").contains(told), "{:?}", published.warnings);
    publish(&chain, "2024-11-21");
}

#[test]
fn a_branch_whose_file_is_gone_stops_the_run() {
    assert_loss_is_told(None, "orders of branch B2: 0 rows are used, 480 were");
}

#[test]
fn a_branch_whose_file_is_a_header_stops_the_run() {
    assert_loss_is_told(Some(format!("{HEADER}\n")), "orders of branch B2: 0 rows are used, 480 were");
}

#[test]
fn a_branch_whose_file_is_cut_short_stops_the_run() {
    let cut = export("B2", "2024-09-01", "2024-11-01", 100);
    assert_loss_is_told(Some(cut), "orders of branch B2: 366 rows are used, 480 were");
}

#[test]
fn a_branch_whose_rows_are_all_rejected_stops_the_run() {
    let bad = export("B2", "2024-09-01", "2024-11-22", 100).replace(",B2,2024-", ",B2,2024/13/");
    assert_loss_is_told(Some(bad), "orders of branch B2: 0 rows are used, 480 were");
}

#[test]
fn a_listing_that_lacks_one_small_file_stops_the_run() {
    let chain = busy("2024-11-22", "");
    chain.write("orders/B1-late.csv", &format!("{HEADER}\nlate,c1,B1,2024-09-03,100\n"));
    publish(&chain, "2024-11-19");
    fs::remove_file(chain.path("orders/B1-late.csv")).expect("a file");
    let error = refused(&chain, "2024-11-20");
    assert!(error.to_string().contains("orders of branch B1: 480 rows are used, 481 were"), "{error}");
    // Where another file has the row, nothing is lost.
    chain.write("orders/B1-moved.csv", &format!("{HEADER}\nlate,c1,B1,2024-09-03,100\n"));
    publish(&chain, "2024-11-20");
}

#[test]
fn rows_of_no_day_may_move_to_another_file() {
    let chain =
        chain(&format!("{ORDERS}\n  customers: {{location: customers/*.csv}}"), "customer_ids: {unique_in: branch}");
    chain.write("orders/B1.csv", &export("B1", "2024-09-01", "2024-11-22", 100));
    let numbers = "branch_id,local_id,customer_id\nB1,c1,ann\n";
    chain.write("customers/1.csv", numbers);
    publish(&chain, "2024-11-20");
    fs::remove_file(chain.path("customers/1.csv")).expect("a file");
    chain.write("customers/2.csv", numbers);
    publish(&chain, "2024-11-21");
}

#[test]
fn amounts_of_another_size_than_in_the_snapshot_before_stop_the_run() {
    let chain = busy("2024-11-22", "");
    publish(&chain, "2024-11-20");
    chain.write("orders/B2.csv", &export("B2", "2024-09-01", "2024-11-22", 10_000));
    let error = refused(&chain, "2024-11-21");
    let told = "orders of branch B2: a row's mean amount is 10000.00, and was 100.00";
    assert!(error.to_string().contains(told), "{error}");
}

#[test]
fn amounts_of_another_size_on_one_day_stop_the_run_at_the_chain() {
    let chain = busy("2024-11-21", "");
    for branch in ["B1", "B2", "B3"] {
        chain.write(&format!("orders/{branch}-21.csv"), &export(branch, "2024-11-21", "2024-11-22", 10_000));
    }
    let error = refused(&chain, "2024-11-21");
    assert!(error.to_string().contains("coverage_holds.sql"), "{error}");
    assert!(error.to_string().contains("amounts_high"), "{error}");
}

#[test]
fn a_branch_without_rows_on_a_day_that_has_some_otherwise_is_told() {
    let chain = busy("2024-11-21", "");
    for branch in ["B1", "B3"] {
        chain.write(&format!("orders/{branch}-21.csv"), &export(branch, "2024-11-21", "2024-11-22", 100));
    }
    let text = warnings(&chain, "2024-11-21");
    assert!(text.contains("warn_coverage.sql") && text.contains("| B2       | missing |"), "{text}");
    let verdicts = table(&chain, "fct_coverage", "2024-11-21", &["scope_id", "verdict"]);
    assert_eq!(verdicts, ["B1 ok", "B2 missing", "B3 ok", "* ok"]);
}

#[test]
fn whose_silence_stops_a_run_is_policy() {
    let silent_branch = |settings: &str| {
        let chain = busy("2024-11-22", settings);
        chain.write("orders/B2.csv", &export("B2", "2024-09-01", "2024-11-10", 100));
        chain
    };
    let text = warnings(&silent_branch(""), "2024-11-21");
    assert!(text.contains("| B2       | silent "), "{text}");
    let error = refused(&silent_branch("policy: {coverage: {stops_at: branch}}"), "2024-11-21");
    assert!(error.to_string().contains("| B2       | silent "), "{error}");
    // Three weeks without anything new, at the chain.
    let error = refused(&busy("2024-11-01", ""), "2024-11-21");
    assert!(error.to_string().contains("silent"), "{error}");
    let text = warnings(&busy("2024-11-01", "policy: {coverage: {stops_at: never}}"), "2024-11-21");
    assert!(text.contains("silent"), "{text}");
}

#[test]
fn silence_begins_after_the_days_of_policy() {
    for (days, is_told) in [(8, true), (9, false)] {
        let settings = format!("policy: {{coverage: {{silent_days: {days}, stops_at: never}}}}");
        let text = warnings(&busy("2024-11-14", &settings), "2024-11-21");
        assert_eq!(text.contains("silent"), is_told, "{days}: {text}");
    }
}
