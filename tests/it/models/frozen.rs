//! Scores by the cut points that an earlier closing snapshot published.

use std::fs;
use std::rc::Rc;

use rfmart::run::{Consent, Outcome};
use rfmart::{Error, Kind};

use super::{Night, night_of, sales, shop};
use crate::common::chain::{Chain, day, part, run, run_with};

const SCORES: &[&str] = &["customer_id", "monetary", "monetary_score"];

const FROZEN: &str = "policy: {changes: [{from: 2026-07-01, scoring: {monetary: {frozen: 2026-06-30}}}]}";

/// Five customers who spent 100 to 500 in June, and in July five times as much; N opened in July.
fn chain(policy: &str) -> Rc<Chain> {
    let june = (1..=5).map(|n| format!("c{n} S 2026-06-0{n} {n}00"));
    let july = (1..=5).map(|n| format!("c{n} N 2026-07-0{n} {n}00.50"));
    let lines: Vec<String> = june.chain(july).collect();
    shop(policy, &[sales(&lines.iter().map(String::as_str).collect::<Vec<_>>())])
}

/// Runs into one warehouse.
fn publish(chain: &Rc<Chain>, on: &str) -> Night {
    night_of(chain, on, chain.pipeline(), "one")
}

fn refusal(chain: &Chain, on: &str) -> Error {
    let mut pipeline = chain.pipeline();
    pipeline.publish.location.path += "one/";
    run(&pipeline, day(on)).err().expect("a refusal")
}

#[test]
fn a_later_month_is_measured_with_the_ruler_of_an_earlier_one() {
    let chain = chain(FROZEN);
    let june = publish(&chain, "2026-06-30");
    let each = ["c1 100.00 1", "c2 200.00 2", "c3 300.00 3", "c4 400.00 4", "c5 500.00 5"];
    assert_eq!(june.chain("fct_customer_rfm", SCORES), each);
    let july = publish(&chain, "2026-07-31");
    assert_eq!(
        july.chain("fct_customer_rfm", SCORES),
        ["c1 200.50 2", "c2 400.50 4", "c3 600.50 5", "c4 800.50 5", "c5 1000.50 5"],
        "quintiles would be 1 to 5 again"
    );
    let ruler = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5", "head_count_5"];
    assert_eq!(july.chain("fct_score_cut_point", ruler)[1], "monetary frozen 200.00 300.00 400.00 500.00 3");
    // A branch that wasn't there in June is measured with the chain's ruler.
    assert_eq!(
        july.rows_where("scope_id", "N", "fct_customer_rfm", SCORES),
        ["c1 100.50 1", "c2 200.50 2", "c3 300.50 3", "c4 400.50 4", "c5 500.50 5"]
    );
}

#[test]
fn recency_is_frozen_in_days() {
    let chain = chain("policy: {changes: [{from: 2026-07-01, scoring: {recency: {frozen: 2026-06-30}}}]}");
    publish(&chain, "2026-06-30");
    let july = publish(&chain, "2026-07-31");
    // In June c1 to c5 were 29 to 25 days ago, in July they are 30 to 26.
    let ruler = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];
    assert_eq!(july.chain("fct_score_cut_point", ruler)[2], "recency_days frozen 28.00 27.00 26.00 25.00");
    let scores = july.chain("fct_customer_rfm", &["customer_id", "recency_days", "recency_score"]);
    assert_eq!(scores, ["c1 30 1", "c2 29 1", "c3 28 2", "c4 27 3", "c5 26 4"]);
}

#[test]
fn scores_that_thresholds_leave_out_stay_left_out_on_a_frozen_ruler() {
    let chain = chain(
        r#"policy: {
        scoring: {recency: {thresholds: {2: "> 27", 4: "<= 27"}}, frequency: injection},
        changes: [{from: 2026-07-01, scoring: {recency: {frozen: 2026-06-30}, frequency: {frozen: 2026-06-30}}}]}"#,
    );
    publish(&chain, "2026-06-30");
    let july = publish(&chain, "2026-07-31");
    let ruler = &["metric", "method", "cut_point_2", "cut_point_3", "cut_point_4", "cut_point_5"];
    let rulers = july.chain("fct_score_cut_point", ruler);
    assert_eq!(rulers[0], "frequency frozen 0.00 0.00 0.00 0.00");
    assert_eq!(rulers[2], "recency_days frozen 9999999.00 27.00 27.00 -");
    let scores = july.chain("fct_customer_rfm", &["customer_id", "recency_days", "recency_score", "frequency_score"]);
    assert_eq!(scores, ["c1 30 2 5", "c2 29 2 5", "c3 28 2 5", "c4 27 4 5", "c5 26 4 5"]);
}

#[test]
fn thresholds_that_scored_nobody_can_be_frozen_all_the_same() {
    let chain = shop(
        "policy: {window_days: 10, scoring: {frequency: {thresholds: {1: '>= 0'}}}, \
         changes: [{from: 2026-07-01, scoring: {frequency: {frozen: 2026-06-30}}}]}",
        &[sales(&["a S 2026-06-01 1", "b S 2026-07-30 1", "b S 2026-07-31 1"])],
    );
    publish(&chain, "2026-06-30");
    let july = publish(&chain, "2026-07-31");
    assert_eq!(july.chain("fct_customer_rfm", &["customer_id", "frequency_score"]), ["a 1", "b 1"]);
}

#[test]
fn as_with_quintiles_who_did_not_consume_within_the_window_scores_1() {
    let policy = FROZEN.replace("policy: {", "policy: {window_days: 10, ");
    let lines = ["a S 2026-06-25 0", "a S 2026-06-26 -5", "b S 2026-06-25 0", "c S 2026-07-30 0"];
    let chain = shop(&policy, &[sales(&lines)]);
    publish(&chain, "2026-06-30");
    let july = publish(&chain, "2026-07-31");
    // 0 is worth a 3, for one of two customers had less.
    assert_eq!(july.chain("fct_customer_rfm", SCORES), ["a 0.00 1", "b 0.00 1", "c 0.00 3"]);
}

#[test]
fn a_department_may_be_frozen_alone() {
    let chain = chain(
        "policy: {changes: [{from: 2026-07-01, departments: {injection: {scoring: {monetary: {frozen: 2026-06-30}}}}}]}",
    );
    let header = "order_id,customer_id,branch_id,paid_at,amount,department";
    let lines = ["1,a,S,2026-06-01,100,injection", "2,b,S,2026-06-01,200,skin", "3,a,S,2026-07-01,100,injection"];
    chain.write("orders.csv", &format!("{header}\n{}\n", lines.join("\n")));
    publish(&chain, "2026-06-30");
    let july = publish(&chain, "2026-07-31");
    let ruler = &["metric", "department", "method", "cut_point_2", "cut_point_3", "customers"];
    assert_eq!(
        july.chain("fct_score_cut_point", ruler)[1..3],
        ["monetary - quintile - - 1", "monetary injection frozen 200.00 200.00 1"]
    );
    assert_eq!(july.chain("fct_customer_rfm", SCORES), ["a 200.00 3", "b 200.00 1"]);
}

#[test]
fn a_snapshot_that_is_not_there_is_refused() {
    let chain = chain(FROZEN);
    let refusal = refusal(&chain, "2026-07-31");
    assert_eq!(refusal.kind(), Kind::Config);
    let told = refusal.to_string();
    assert!(told.starts_with("scores are frozen on 2026-06-30, but "), "{told}");
    assert!(told.ends_with("run with --as-of 2026-06-30"), "{told}");
}

#[test]
fn a_day_is_not_scored_by_a_later_one() {
    let chain = chain("policy: {scoring: {monetary: {frozen: 2026-06-30}}}");
    for on in ["2026-06-30", "2026-06-01"] {
        let refusal = refusal(&chain, on);
        assert_eq!(refusal.kind(), Kind::Config);
        assert!(refusal.to_string().contains("policy.changes"), "{refusal}");
    }
}

#[test]
fn a_ruler_that_was_tampered_with_is_refused() {
    let chain = chain(FROZEN);
    let june = publish(&chain, "2026-06-30");
    let file = |table: &str| part(&june.warehouse, table, "2026-06-30");
    fs::copy(file("fct_branch_comparison"), file("fct_score_cut_point")).expect("a file");
    let refusal = refusal(&chain, "2026-07-31");
    assert_eq!(refusal.kind(), Kind::Data);
    assert!(refusal.to_string().contains("is not what was published"), "{refusal}");
}

#[test]
fn a_ruler_that_was_published_anew_is_a_change() {
    let chain = chain(FROZEN);
    publish(&chain, "2026-06-30");
    publish(&chain, "2026-07-31");
    let mut pipeline = chain.pipeline();
    pipeline.publish.location.path += "one/";
    assert!(matches!(run(&pipeline, day("2026-07-31")), Ok(Outcome::UpToDate(_))));
    // Late rows of June, and June published anew: the newest commit counts.
    let orders = fs::read_to_string(chain.path("orders.csv")).expect("an export");
    chain.write("orders.csv", &format!("{orders}late,c6,S,2026-06-06,900\n"));
    let consent = Consent { restate: Some("a till was late".to_owned()), ..Consent::default() };
    assert!(matches!(run_with(&pipeline, day("2026-06-30"), &consent), Ok(Outcome::Published(_))));
    let refusal = refusal(&chain, "2026-07-31");
    assert!(refusal.to_string().contains("a snapshot that its scores are frozen on"), "{refusal}");
}

#[test]
fn a_branch_without_a_ruler_needs_one_of_the_chain() {
    let chain = chain(&format!("{FROZEN}\nscopes: [branch]"));
    publish(&chain, "2026-06-30");
    let refusal = refusal(&chain, "2026-07-31");
    assert_eq!(refusal.kind(), Kind::Data);
    assert!(refusal.to_string().contains("neither for branch N nor for the chain"), "{refusal}");
}
