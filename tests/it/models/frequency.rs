//! What frequency counts: days, orders or lines.

use super::{Night, csv, night, shop};

/// One customer in a window of ten days (2026-11-12 to 21), at two branches.
fn frequencies(unit: &str) -> Night {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount,status",
        [
            "BEFORE,1,ann,N,2026-11-11,10,paid",
            "FIRST,1,ann,N,2026-11-12,10,paid",
            "FIRST,2,ann,N,2026-11-12,0,paid",
            "SECOND,1,ann,N,2026-11-12,10,paid",
            "OTHER,1,ann,S,2026-11-12,10,paid",
            "PART,1,ann,N,2026-11-20,10,paid",
            "PART,2,ann,N,2026-11-21,-4,refunded",
            "BACK,1,ann,N,2026-11-13,10,paid",
            "BACK,2,ann,N,2026-11-14,-10,refunded",
            "CANCELLED,1,ann,N,2026-11-15,10,cancelled",
            "LATER,1,ann,N,2026-11-22,10,paid",
        ],
    );
    let visits = csv("visits", "visit_id,customer_id,branch_id,visited_at", ["V1,ann,N,2026-11-16"]);
    let settings = format!("policy: {{window_days: 10, frequency: {unit}}}");
    night(&shop(&settings, &[orders, visits]), "2026-11-21")
}

#[test]
fn frequency_counts_what_the_policy_says_and_only_within_the_window() {
    let counted = |unit| frequencies(unit).rows("fct_customer_rfm", &["scope_id", "frequency", "monetary"]);
    // 12, 16 (the visit) and 20; at S the 12th alone.
    assert_eq!(counted("days"), ["N 3 26.00", "S 1 10.00", "* 3 36.00"]);
    // FIRST, SECOND and PART; OTHER at S.
    assert_eq!(counted("orders"), ["N 3 26.00", "S 1 10.00", "* 4 36.00"]);
    // FIRST has two lines, one of them free; a refund is no line that was bought.
    assert_eq!(counted("lines"), ["N 4 26.00", "S 1 10.00", "* 5 36.00"]);
}

#[test]
fn kinds_of_visits_count_as_the_policy_says() {
    let orders = csv("orders", "order_id,customer_id,branch_id,paid_at,amount", ["A,ann,N,2026-11-01,10"]);
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,status",
        [
            "V1,ann,N,2026-11-02,treatment,attended",
            "V2,ann,N,2026-11-03,package_session,attended",
            "V3,ann,N,2026-11-04,review,attended",
            "V4,ann,N,2026-11-05,consultation,attended",
            "V5,ann,N,2026-11-06,treatment,no_show",
            "V6,ann,N,2026-11-07,treatment,cancelled",
        ],
    );
    let counted = |consumption: &str| {
        let settings = format!("policy: {{consumption: [{consumption}]}}");
        let night = night(&shop(&settings, &[orders.clone(), visits.clone()]), "2026-11-21");
        night.chain("fct_customer_rfm", &["frequency", "recency_days", "first_consumed_on", "monetary"])
    };
    assert_eq!(counted("order, treatment, package_session, review"), ["4 17 2026-11-01 10.00"]);
    assert_eq!(counted("order"), ["1 20 2026-11-01 10.00"]);
    assert_eq!(counted("consultation, review"), ["2 16 2026-11-04 10.00"]);
}
