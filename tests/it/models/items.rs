//! Frozen rules in the scope groups of items and departments.

use std::rc::Rc;

use super::{csv, night_of, shop};
use crate::common::chain::Chain;

const SCORES: &[&str] = &["customer_id", "monetary", "monetary_score"];

const RULERS: &[&str] =
    &["metric", "department", "item_id", "method", "cut_point_2", "cut_point_5", "customers", "head_count_5"];

/// Orders written as `customer day amount department item`.
fn chain(policy: &str, lines: &[&str]) -> Rc<Chain> {
    let orders = (1..).zip(lines).map(|(number, line)| format!("O{number},S,{}", line.replace(' ', ",")));
    let orders = csv("orders", "order_id,branch_id,customer_id,paid_at,amount,department,item_id", orders);
    shop(&format!("scopes: [chain, branch, department, item]\n{policy}"), &[orders])
}

/// `thresholds` of which each hundred earns a score more.
const HUNDREDS: &str = "{thresholds: {1: '< 100', 2: '[100, 200)', 3: '[200, 300)', 4: '[300, 400)', 5: '>= 400'}}";

#[test]
fn frozen_scores_of_an_item_and_a_department_are_measured_with_their_own_rulers() {
    let frozen = "{scoring: {monetary: {frozen: 2026-06-30}}}";
    let policy = format!(
        "policy: {{items: {{BOTOX: {{scoring: {{monetary: {HUNDREDS}}}}}}}, \
         changes: [{{from: 2026-07-01, departments: {{injection: {frozen}}}, items: {{BOTOX: {frozen}}}}}]}}"
    );
    let june = (1..=5).map(|n| format!("c{n} 2026-06-0{n} {n}00 injection BOTOX"));
    let more = (1..=5).map(|n| format!("c{n} 2026-06-1{n} {n}000 injection ACID"));
    let july = (1..=5).map(|n| format!("c{n} 2026-07-0{n} {n}00 injection BOTOX"));
    let late =
        ["c1 2026-07-06 5000 injection ACID", "n1 2026-07-06 250 skin BOTOX", "n2 2026-07-06 3000 injection NEW"];
    let lines: Vec<String> = june.chain(more).chain(july).chain(late.map(str::to_owned)).collect();
    let chain = chain(&policy, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    let publish = |on| night_of(&chain, on, chain.pipeline(), "one");
    publish("2026-06-30");
    let july = publish("2026-07-31");
    let scores = |scope_id: &str| july.rows_where("scope_id", scope_id, "fct_customer_rfm", SCORES);
    assert_eq!(
        scores("BOTOX"),
        ["c1 200.00 3", "c2 400.00 5", "c3 600.00 5", "c4 800.00 5", "c5 1000.00 5", "n1 250.00 3"],
        "the item's in June"
    );
    assert_eq!(
        scores("ACID"),
        ["c1 6000.00 5", "c2 2000.00 2", "c3 3000.00 3", "c4 4000.00 4", "c5 5000.00 5"],
        "the scope group's in June"
    );
    assert_eq!(scores("NEW"), ["n2 3000.00 2"], "the chain's in June: 2200 earned a 2");
    assert_eq!(
        scores("injection"),
        ["c1 6200.00 5", "c2 2400.00 2", "c3 3600.00 3", "c4 4800.00 4", "c5 6000.00 5", "n2 3000.00 2"]
    );
    assert_eq!(scores("skin"), ["n1 250.00 1"], "a quintile of one");
    let rulers = july.rows_where("scope_id", "BOTOX", "fct_score_cut_point", RULERS);
    assert_eq!(rulers[1..3], ["monetary - - quintile 400.00 1000.00 0 0", "monetary - BOTOX frozen 100.00 400.00 6 4"]);
}
