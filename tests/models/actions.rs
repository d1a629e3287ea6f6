//! High-value actions: spending before and after, over the days of policy.

use std::rc::Rc;

use crate::chain::Chain;
use crate::{night, sales, shop};

fn chain(value_days: &str) -> Rc<Chain> {
    let policy = format!("policy: {{high_value_actions: {{{value_days}}}}}");
    let lines = [
        // The second purchase is 30 days after the first, and 20 before the third.
        "a N 2026-09-01 100",
        "a N 2026-10-01 200",
        "a N 2026-10-21 300",
        // New on 2026-08-23, 90 days before; b comes back 53 days later.
        "b N 2026-08-01 90",
        "b N 2026-10-15 10",
        "b N 2026-11-01 120",
        "c N 2026-08-01 60",
    ];
    shop(&policy, &[sales(&lines)])
}

#[test]
fn value_is_spending_over_the_days_of_policy_per_30_days() {
    let values = |value_days: &str| {
        let columns = &["customer_id", "action", "value_before", "value_after"];
        night(&chain(value_days), "2026-11-21").rows("fct_high_value_action", columns)
    };
    assert_eq!(values(""), ["a second_purchase 50.0 -", "b second_purchase 0.0 -"], "60 days have not passed");
    assert_eq!(values("value_days: 30"), ["a second_purchase 100.0 300.0", "b second_purchase 0.0 120.0"]);
    assert_eq!(
        values("value_days: 29"),
        ["a second_purchase 0.0 310.3448275862069", "b second_purchase 0.0 124.13793103448276"]
    );
}

#[test]
fn an_effect_is_of_actions_on_the_days_that_value_days_leave_of_90() {
    let effects = |value_days: &str| {
        let columns = &["action", "customers", "like_customers", "median_jump", "median_lift", "mean_lift"];
        night(&chain(value_days), "2026-11-21").rows("fct_hva_effect", columns)
    };
    // Days of action end on 2026-09-22 with 60 value days, on 2026-10-15 with 37.
    assert_eq!(effects(""), [""; 0]);
    assert_eq!(effects("value_days: 38"), [""; 0]);
    assert_eq!(
        effects("value_days: 37"),
        ["second_purchase 1 1 24.324324324324323 72.97297297297297 72.97297297297297"]
    );
    assert_eq!(effects("value_days: 30"), ["second_purchase 1 1 30.0 90.0 90.0"]);
}
