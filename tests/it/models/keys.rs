//! What makes two rows the same, across branches: orders, visits, packages, leads, customers.

use super::{Night, csv, night, shop};

const CHAIN_ORDERS: &str = "order_ids: {unique_in: chain}";

/// Orders written as `branch order line customer day amount`.
fn orders(lines: &[&str]) -> (&'static str, String) {
    let lines = lines.iter().map(|line| line.replace(' ', ","));
    csv("orders", "branch_id,order_id,line_no,customer_id,paid_at,amount", lines)
}

fn frequencies(night: &Night) -> Vec<String> {
    night.rows("fct_customer_rfm", &["scope_id", "customer_id", "frequency", "monetary"])
}

#[test]
fn branches_whose_tills_number_alike_keep_all_their_orders() {
    let lines: Vec<String> = ["N", "S"]
        .iter()
        .flat_map(|branch| (1..=60).map(move |number| format!("{branch} {number} 1 {branch}{number} 2026-11-05 10")))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let night = night(&shop("", &[orders(&lines)]), "2026-11-21");
    assert_eq!(
        night.rows("fct_period_summary", &["scope_id", "orders", "revenue", "customers"]),
        ["N 60 600.00 60", "S 60 600.00 60", "* 120 1200.00 120"]
    );
}

#[test]
fn equal_numbers_at_two_branches_are_two_orders_unless_ids_are_the_chains() {
    let lines = ["N 7 1 ann 2026-11-05 10", "S 7 2 ann 2026-11-05 20", "S 7 3 ann 2026-11-05 20"];
    let settings = "policy: {frequency: orders}";
    let counted = |ids: &str| {
        let night = night(&shop(&format!("{settings}\n{ids}"), &[orders(&lines)]), "2026-11-21");
        (frequencies(&night), night.rows("fct_period_summary", &["scope_id", "orders"]))
    };
    let branches = ["N ann 1 10.00", "S ann 1 40.00"].map(str::to_owned);
    let (rfm, summary) = counted("");
    assert_eq!(rfm, [&branches[..], &["* ann 2 50.00".to_owned()]].concat());
    assert_eq!(summary, ["N 1", "S 1", "* 2"]);
    let (rfm, summary) = counted(CHAIN_ORDERS);
    assert_eq!(rfm, [&branches[..], &["* ann 1 50.00".to_owned()]].concat());
    assert_eq!(summary, ["N 1", "S 1", "* 1"]);
}

#[test]
fn a_refund_belongs_to_the_order_of_its_branch_unless_ids_are_the_chains() {
    // bob's order has the number of ann's, and is paid back.
    let lines = ["N 7 1 ann 2026-11-05 100", "S 7 1 bob 2026-11-06 100", "S 7 2 bob 2026-11-10 -100"];
    let night_of = |settings: &str, lines: &[&str]| night(&shop(settings, &[orders(lines)]), "2026-11-21");
    let chain = |night: &Night| night.chain("fct_customer_ltv", &["customer_id", "revenue", "first_consumed_on"]);
    assert_eq!(chain(&night_of("", &lines)), ["ann 100.00 2026-11-05"]);
    // One system for the chain: ann gets her money back at another branch.
    let lines = ["N 7 1 ann 2026-11-05 100", "S 7 2 ann 2026-11-10 -100", "S 8 1 bob 2026-11-10 50"];
    assert_eq!(chain(&night_of(CHAIN_ORDERS, &lines)), ["bob 50.00 2026-11-10"]);
    // Each branch for itself: what S paid out is no order of N.
    assert_eq!(chain(&night_of("", &lines)), ["ann 0.00 2026-11-05", "bob 50.00 2026-11-10"]);
}

#[test]
fn a_redelivered_line_counts_once_at_each_branch() {
    let lines = ["N 7 1 ann 2026-11-05 10", "S 7 1 bob 2026-11-05 20", "N 7 1 ann 2026-11-05 30"];
    let night = night(&shop("", &[orders(&lines)]), "2026-11-21");
    assert_eq!(night.rows("fct_period_summary", &["scope_id", "revenue"]), ["N 30.00", "S 20.00", "* 50.00"]);
}

#[test]
fn visits_are_told_by_branch_and_number() {
    let orders = orders(&["N 1 1 ann 2026-11-01 10", "S 1 1 bob 2026-11-01 10"]);
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at",
        ["1,ann,N,2026-11-03", "1,bob,S,2026-11-03", "1,ann,N,2026-11-03", "2,bob,S,2026-11-04"],
    );
    let counted = |settings: &str| {
        night(&shop(settings, &[orders.clone(), visits.clone()]), "2026-11-21")
            .rows("fct_period_summary", &["scope_id", "visits"])
    };
    assert_eq!(counted(""), ["N 1", "S 2", "* 3"]);
    let settings = "visit_ids: {unique_in: chain}\nlimits: {max_conflicting_share: 1}";
    let settings = settings.replace("limits: {", "limits: {memory: 1GiB, target_partitions: 1, ");
    assert_eq!(counted(&settings), ["N 1", "S 1", "* 2"]);
}

/// Sessions left of ann's, bob's, cat's, dan's and eve's packages as of a day, and what their visits' numbers may mean.
fn sessions_left(visits: &[&str], as_of: &str) -> Vec<String> {
    let orders = csv(
        "orders",
        "branch_id,order_id,customer_id,paid_at,amount,kind,package_sessions",
        [
            "N,7,ann,2026-11-01,100,package,3",
            "S,7,bob,2026-11-01,100,package,3",
            "N,9,cat,2026-11-01,100,package,3",
            // A single sale of that number is no package.
            "S,9,dan,2026-11-01,100,single,",
            "E,11,eve,2026-11-20,100,package,3",
        ],
    );
    let header = "visit_id,customer_id,branch_id,visited_at,kind,order_id,order_branch_id";
    let visits = (1..).zip(visits).map(|(number, line)| {
        let [customer, branch, day, order, sold_at] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        format!("{number},{customer},{branch},{day},package_session,{order},{}", sold_at.trim_matches('-'))
    });
    let night = night(&shop("", &[orders, csv("visits", header, visits)]), as_of);
    night.chain("fct_lifecycle_snapshot", &["customer_id", "package_sessions_left"])
}

#[test]
fn a_session_uses_the_package_of_the_branch_that_its_visit_names_else_of_its_own() {
    let visits = ["ann S 2026-11-05 7 N", "ann N 2026-11-06 7 -", "bob S 2026-11-07 7 -"];
    assert_eq!(sessions_left(&visits, "2026-11-21"), ["ann 1", "bob 2", "cat 3", "dan 0", "eve 3"]);
}

#[test]
fn a_session_uses_the_only_package_of_its_number_wherever_that_was_sold() {
    // The branch that the last one names sold none.
    let visits = ["cat S 2026-11-05 9 -", "cat E 2026-11-06 9 -", "cat N 2026-11-07 9 S"];
    assert_eq!(sessions_left(&visits, "2026-11-21"), ["ann 3", "bob 3", "cat 0", "dan 0", "eve 3"]);
}

#[test]
fn a_session_uses_no_package_if_several_branches_have_its_number_or_none_had_it_by_then() {
    let visits = ["ann E 2026-11-05 7 -", "eve N 2026-11-19 11 -"];
    assert_eq!(sessions_left(&visits, "2026-11-21"), ["ann 3", "bob 3", "cat 3", "dan 0", "eve 3"]);
}

#[test]
fn a_lead_at_two_branches_is_one_customer_with_the_first_of_them() {
    let orders = orders(&["N 1 1 zoe 2026-11-01 10"]);
    let header = "customer_id,branch_id,created_at,channel,updated_at";
    let leads = csv(
        "leads",
        header,
        [
            "ann,S,2026-11-04,app,",
            "ann,N,2026-11-05,walk_in,",
            // On one day: the first branch by id, no branch last.
            "bob,,2026-11-04,phone,",
            "bob,S,2026-11-04,app,",
            "bob,N,2026-11-04,walk_in,",
            // Delivered twice to one branch: the last word counts.
            "cat,N,2026-11-02,app,2026-11-03T00:00:00Z",
            "cat,N,2026-11-03,phone,2026-11-04T00:00:00Z",
        ],
    );
    let settings = "limits: {memory: 1GiB, target_partitions: 1, max_conflicting_share: 1}";
    let night = night(&shop(settings, &[orders, leads]), "2026-11-21");
    assert_eq!(
        night.rows("dim_customer", &["customer_id", "lead_created_on", "lead_branch_id", "channel"]),
        ["ann 2026-11-04 S app", "bob 2026-11-04 N walk_in", "cat 2026-11-03 N phone", "zoe - - -"]
    );
    // Each branch that was asked knows the lead.
    assert_eq!(night.rows("fct_period_summary", &["scope_id", "leads"]), ["N 3", "S 2", "* 3"]);
}

const OF_BRANCHES: &str = "customer_ids: {unique_in: branch}";

#[test]
fn customers_of_equal_numbers_are_kept_apart_and_mapped_ones_are_the_chains() {
    let orders = csv(
        "orders",
        "branch_id,order_id,customer_id,paid_at,amount,referrer_id",
        ["N,1,17,2026-11-01,10,", "S,1,17,2026-11-02,20,", "N,2,18,2026-11-03,40,17", "S,2,19,2026-11-04,80,17"],
    );
    let visits = csv("visits", "visit_id,customer_id,branch_id,visited_at", ["1,17,S,2026-11-05", "2,18,N,2026-11-06"]);
    let leads = csv("leads", "customer_id,branch_id,created_at", ["17,S,2026-10-01", "17,N,2026-10-02"]);
    let spent = |customers: Option<(&'static str, String)>| {
        let all: Vec<_> = [orders.clone(), visits.clone(), leads.clone()].into_iter().chain(customers).collect();
        let night = night(&shop(OF_BRANCHES, &all), "2026-11-21");
        let referrers = night.rows_where("action", "referral", "fct_high_value_action", &["customer_id"]);
        (night.chain("fct_customer_ltv", &["customer_id", "revenue", "first_consumed_on"]), referrers)
    };
    let (spent_apart, referrers) = spent(None);
    assert_eq!(
        spent_apart,
        ["N/17 10.00 2026-11-01", "N/18 40.00 2026-11-03", "S/17 20.00 2026-11-02", "S/19 80.00 2026-11-04"]
    );
    assert_eq!(referrers, ["N/17", "S/17"]);
    // 17 of N and 19 of S are one person; 17 of S is another, whom the chain knows, too.
    let customers = csv("customers", "branch_id,local_id,customer_id", ["N,17,M1", "S,19,M1", "S,17,M2"]);
    let (spent_mapped, referrers) = spent(Some(customers));
    assert_eq!(spent_mapped, ["M1 90.00 2026-11-01", "M2 20.00 2026-11-02", "N/18 40.00 2026-11-03"]);
    assert_eq!(referrers, ["M1"], "19 of S had come to N before: only 18 of N is new");
}
