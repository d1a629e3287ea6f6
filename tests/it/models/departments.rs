//! Rules per department: whoever consumed there last is judged by them, in each scope group.

use std::rc::Rc;

use super::{csv, night, shop};
use crate::common::chain::Chain;

const SCORES: &[&str] = &["customer_id", "department", "recency_score", "monetary_score", "segment"];

/// Orders written as `customer branch day amount department`.
fn chain(policy: &str, lines: &[&str]) -> Rc<Chain> {
    let orders = (1..).zip(lines).map(|(number, line)| format!("O{number},{}", line.replace(' ', ",")));
    shop(policy, &[csv("orders", "order_id,customer_id,branch_id,paid_at,amount,department", orders)])
}

#[test]
fn a_department_with_thresholds_is_scored_by_them_and_the_mean_is_everybodys() {
    let chain = chain(
        "policy: {departments: {injection: {extends: injection}}}",
        &[
            "a S 2026-11-20 2500 injection",
            "b N 2026-11-20 999 injection",
            "c N 2026-11-01 10 skin",
            "d N 2026-11-10 2000 skin",
            // Injection first, skin last: the latest day decides, in each scope group for itself.
            "e S 2026-10-01 1500 injection",
            "e N 2026-11-15 20 skin",
        ],
    );
    let night = night(&chain, "2026-11-21");
    // Money in the chain: c 10, b 999, e 1520, d 2000, a 2500; quintiles rank all five, whoever they score.
    assert_eq!(
        night.chain("fct_customer_rfm", SCORES),
        ["a injection 5 5 HHH", "b injection 5 1 HHL", "c skin 1 1 LLL", "d skin 2 4 LLH", "e skin 3 3 LHH"]
    );
    let ruler = &["metric", "department", "item_id", "method", "cut_point_2", "cut_point_5", "customers", "score_mean"];
    assert_eq!(
        night.chain("fct_score_cut_point", ruler),
        [
            "frequency - - quintile 2.00 2.00 3 3.4",
            "frequency injection - thresholds 0.00 0.00 2 3.4",
            "monetary - - quintile 999.00 2500.00 3 2.8",
            "monetary injection - thresholds 1000.00 2500.00 2 2.8",
            "recency_days - - quintile 11.00 - 3 3.2",
            "recency_days injection - thresholds 50.00 30.00 2 3.2",
        ]
    );
    let heads = &["metric", "department", "head_count_1", "head_count_3", "head_count_4", "head_count_5"];
    assert_eq!(
        night.chain("fct_score_cut_point", heads)[2..4],
        ["monetary - 1 1 1 0", "monetary injection 1 0 0 1"],
        "each ruler tells of those it scored"
    );
    // At S, e is a customer of injection.
    let at_s = night.rows_where("scope_id", "S", "fct_customer_rfm", SCORES);
    assert_eq!(at_s, ["a injection 5 5 HHH", "e injection 1 3 LHL"]);
    let rulers = night.rows_where("scope_id", "S", "fct_score_cut_point", &["metric", "department", "customers"]);
    assert_eq!(
        rulers,
        [
            "frequency - 0",
            "frequency injection 2",
            "monetary - 0",
            "monetary injection 2",
            "recency_days - 0",
            "recency_days injection 2"
        ]
    );
}

#[test]
fn a_department_may_have_tiers_on_a_metric_of_its_own() {
    let chain = chain(
        "policy: {vip: {tiers: [{name: gold, from: 1000}]}, \
         departments: {injection: {vip: {metric: frequency, tiers: [{name: regular, from: 2}, {name: fan, from: 3}]}}}}",
        &[
            "a N 2026-11-01 1000 skin",
            "b N 2026-11-01 9000 injection",
            "c N 2026-11-01 1 injection",
            "c N 2026-11-02 1 injection",
            "d N 2026-11-01 1 injection",
            "d N 2026-11-02 1 injection",
            "d N 2026-11-03 1 injection",
            "e N 2026-11-01 999.99 skin",
            "f N 2026-11-01 1000 ",
        ],
    );
    let tiers = night(&chain, "2026-11-21").chain("fct_lifecycle_snapshot", &["customer_id", "vip_tier"]);
    assert_eq!(tiers, ["a gold", "b -", "c regular", "d fan", "e -", "f gold"], "f has no department: the chain's");
}

#[test]
fn a_snapshot_is_under_the_policy_of_its_day_at_its_opening_too() {
    let policy = "policy: {changes: [{from: 2026-11-15, departments: {injection: {lifecycle: \
                  {dead: {idle_days: 60}, dormant: {idle_days: 30}}}}}]}";
    let chain = chain(policy, &["a N 2026-08-15 1 injection", "b N 2026-08-15 1 skin"]);
    let stages = |on| night(&chain, on).chain("fct_lifecycle_snapshot", &["customer_id", "previous_stage", "stage"]);
    // 77 days at the opening, 91 and 92 at the end.
    assert_eq!(stages("2026-11-14"), ["a silent dormant", "b silent dormant"]);
    assert_eq!(stages("2026-11-15"), ["a dead dead", "b silent dormant"], "transitions are made by time, not by rules");
}

/// Visits and orders of items that the chain describes, with departments only where they are told.
fn described() -> Rc<Chain> {
    let settings = "scopes: [chain, department]\npolicy: {margin: 0.5, departments: {injection: {margin: 0.35}}}";
    let orders = csv(
        "orders",
        "order_id,customer_id,branch_id,paid_at,amount,department,item_id,kind,package_sessions",
        [
            "O1,a,N,2026-11-01,1000,,BOTOX,package,3",
            "O2,b,N,2026-11-01,500,skin,BOTOX,single,",
            "O3,c,N,2026-11-01,200,,MYSTERY,single,",
            "O4,d,N,2026-11-01,100,,,single,",
        ],
    );
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,department,item_id,kind,order_id",
        ["V1,a,N,2026-11-02,,BOTOX,package_session,O1", "V2,b,N,2026-11-03,,SCALPEL,treatment,"],
    );
    let items = csv(
        "items",
        "item_id,name,department",
        ["BOTOX,Botox,injection", "SCALPEL,Scalpel,surgery", "MYSTERY,Mystery,"],
    );
    shop(settings, &[orders, visits, items])
}

#[test]
fn what_has_no_department_is_of_its_items() {
    let night = night(&described(), "2026-11-21");
    assert_eq!(
        night.chain("fct_lifecycle_snapshot", &["customer_id", "department", "package_sessions_left"]),
        ["a injection 2", "b surgery 0", "c - 0", "d - 0"],
        "b bought botox at skin, and came last for a surgery"
    );
    assert_eq!(
        night.rows_where(
            "scope",
            "department",
            "fct_lifecycle_snapshot",
            &["scope_id", "customer_id", "package_sessions_left"]
        ),
        ["injection a 2", "skin b 0", "surgery b 0"]
    );
    let columns = &["scope_id", "revenue", "orders", "visits"];
    assert_eq!(
        night.rows_where("scope", "department", "fct_period_summary", columns),
        ["injection 1000.00 1 1", "skin 500.00 1 0", "surgery 0.00 0 1"]
    );
    // The margin of injection, and the chain's.
    assert_eq!(
        night.chain("fct_customer_ltv", &["customer_id", "profit"]),
        ["a 350.00", "b 250.00", "c 100.00", "d 50.00"]
    );
    let acts = night.rows("fct_high_value_action", &["customer_id", "action", "department"]);
    assert_eq!(acts, ["a first_purchase injection", "a package injection", "b new_department surgery"]);
}
