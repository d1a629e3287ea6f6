//! The state machine over periods, the counts of each of its moves, and what flows from stage to stage.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::chain::Chain;
use crate::{Night, csv, night, sales, shop};

const MONTH_ENDS: [&str; 6] = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];

fn half_a_year() -> Rc<Chain> {
    let orders = sales(&[
        "once N 2026-01-10 10",
        "twice N 2026-01-10 10",
        "twice N 2026-01-20 10",
        "twice N 2026-04-05 10",
        "often N 2026-01-10 10",
        "often N 2026-02-10 10",
        "often N 2026-04-10 10",
        "often N 2026-05-10 10",
        "recalled N 2026-01-10 10",
        "recalled N 2026-03-10 10",
        "won N 2026-03-20 10",
    ]);
    let leads = csv("leads", "customer_id,branch_id,created_at", ["lead,N,2026-01-05", "won,N,2026-02-01"]);
    shop("", &[orders, leads])
}

#[test]
fn period_status_moves_as_the_state_machine_says() {
    let expected = [
        ("lead", ["-", "-", "-", "-", "-", "-"]),
        ("often", ["new", "active", "dormant", "active", "active", "dormant"]),
        ("once", ["new", "lost", "lost", "lost", "lost", "lost"]),
        ("recalled", ["new", "lost", "active", "dormant", "lost", "lost"]),
        // Consumed again within its first period.
        ("twice", ["active", "dormant", "lost", "active", "dormant", "lost"]),
        (
            "won",
            ["", "-", "new", "lost", "lost", "lost"].map(|status| if status.is_empty() { "unknown" } else { status }),
        ),
    ];
    let chain = half_a_year();
    for (month, on) in MONTH_ENDS.iter().enumerate() {
        let statuses =
            |statuses: &[&'static str; 6]| (statuses[month], month.checked_sub(1).map_or("-", |past| statuses[past]));
        let wanted: Vec<String> = expected
            .iter()
            .map(|(customer, of)| (customer, statuses(of)))
            .filter(|(_, (now, _))| *now != "unknown")
            .map(|(customer, (now, before))| {
                format!("{customer} {now} {}", if before == "unknown" { "-" } else { before })
            })
            .collect();
        let columns = &["customer_id", "period_status", "previous_period_status"];
        assert_eq!(night(&chain, on).chain("fct_lifecycle_snapshot", columns), wanted, "{on}");
    }
}

#[test]
fn the_seven_questions_are_answered_month_by_month() {
    let columns = &[
        "leads",
        "customers",
        "new_customers",
        "active_customers",
        "active_or_vip_to_dormant_customers",
        "lost_customers",
        "reactivated_customers",
        "recalled_customers",
        "consuming_customers",
        "retention_rate",
        "repurchase_rate",
    ];
    let expected = [
        // Nobody consumed in December; of four in January, twice came again.
        ["1 4 4 1 0 0 0 0 4 - 0.25"],
        // once and recalled are lost, twice sleeps; of January's four, often came again.
        ["2 4 0 1 1 2 0 0 1 0.25 1.0"],
        // often sleeps, twice is lost, recalled is back; won is new. February's only customer stayed away.
        ["1 5 1 1 1 1 0 1 2 0.0 0.5"],
        // often is reactivated, twice recalled; recalled sleeps again, won is lost.
        ["1 5 0 2 1 1 1 1 2 0.0 1.0"],
        // twice sleeps, recalled is lost; of twice and often, often stayed.
        ["1 5 0 1 1 1 0 0 1 0.5 1.0"],
        // Nobody came: there is no repurchase rate of nobody.
        ["1 5 0 0 1 1 0 0 0 0.0 -"],
    ];
    let chain = half_a_year();
    for (on, expected) in MONTH_ENDS.iter().zip(expected) {
        let night = night(&chain, on);
        assert_eq!(night.chain("fct_period_summary", columns), expected, "{on}");
        assert_eq!(
            night.rows_where("scope_id", "N", "fct_period_summary", columns),
            expected,
            "{on} at the one branch"
        );
    }
}

#[test]
fn a_snapshot_within_a_period_compares_with_the_end_of_the_last_one() {
    let night = night(&half_a_year(), "2026-04-07");
    let columns = &["period", "is_period_end", "customer_id", "previous_period_status", "period_status"];
    let of = |customer: &str| {
        night.chain("fct_lifecycle_snapshot", columns).into_iter().find(|row| row.contains(customer)).expect("a row")
    };
    assert_eq!(of("twice"), "2026-04 false twice lost active", "came on 04-05");
    assert_eq!(of("often"), "2026-04 false often dormant lost", "will come on 04-10");
    assert_eq!(of("recalled"), "2026-04 false recalled active dormant", "came in March, not yet in April");
}

#[test]
fn without_leads_and_visits_their_counts_are_unknown() {
    let night = night(&shop("", &[sales(&["a N 2026-11-01 10"])]), "2026-11-30");
    assert_eq!(night.chain("fct_period_summary", &["leads", "visits", "customers"]), ["- - 1"]);
}

#[test]
fn only_attended_visits_count() {
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at,kind,status",
        [
            "V1,a,N,2026-11-01,treatment,attended",
            "V2,a,N,2026-11-01,consultation,attended",
            "V3,a,S,2026-11-02,treatment,no_show",
            "V4,a,S,2026-10-31,treatment,attended",
        ],
    );
    let night = night(&shop("", &[sales(&["a N 2026-11-01 10"]), visits]), "2026-11-30");
    assert_eq!(night.rows("fct_period_summary", &["scope_id", "visits"]), ["N 2", "S 0", "* 2"]);
}

#[test]
fn a_transaction_is_a_paying_customers_day() {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount",
        [
            "A,1,a,N,2026-11-01,100",
            "A,2,a,N,2026-11-01,50",
            "B,1,a,S,2026-11-01,30",
            "C,1,b,N,2026-11-01,0",
            "D,1,b,N,2026-11-02,70",
            "D,2,b,N,2026-11-03,-20",
            "E,1,b,S,2026-11-04,500",
            "E,2,b,S,2026-11-05,-500",
        ],
    );
    let night = night(&shop("", &[orders]), "2026-11-30");
    let columns = &["scope_id", "revenue", "orders", "paying_days", "paid", "average_transaction_value"];
    // a on the first (one day in the chain, one at each branch), b on the second; C was free, E paid back. What was paid
    // back on the third is no part of what was paid on the second.
    assert_eq!(
        night.rows("fct_period_summary", columns),
        ["N 200.00 3 2 220.00 110.0", "S 30.00 1 1 30.00 30.0", "* 230.00 4 2 250.00 125.0"]
    );
}

#[test]
fn a_refund_lowers_the_transaction_value_on_the_day_of_its_sale_only() {
    let orders = csv(
        "orders",
        "order_id,line_no,customer_id,branch_id,paid_at,amount,department,item_id",
        [
            // Mostly paid back a month later.
            "A,1,a,N,2026-10-05,1000,skin,LASER",
            "A,2,a,N,2026-11-03,-900,skin,LASER",
            // 100 paid back at once, 50 five days later.
            "B,1,b,N,2026-11-04,300,skin,LASER",
            "B,2,b,N,2026-11-04,-100,skin,LASER",
            "B,3,b,N,2026-11-09,-50,skin,LASER",
            // At once, but at the other branch.
            "C,1,c,S,2026-11-05,80,injection,BOTOX",
            "C,2,c,N,2026-11-05,-30,injection,BOTOX",
            // On that day, of another order.
            "D,1,d,S,2026-11-06,40,injection,BOTOX",
            "E,1,d,S,2026-11-06,-10,injection,BOTOX",
            // All of it at once: nothing was bought.
            "F,1,f,N,2026-11-07,500,skin,LASER",
            "F,2,f,N,2026-11-07,-500,skin,LASER",
            // Paid back to somebody else.
            "G,1,g,S,2026-11-08,70,injection,BOTOX",
            "G,2,h,S,2026-11-08,-20,injection,BOTOX",
        ],
    );
    let night = night(&shop("scopes: [chain, branch, department, item]", &[orders]), "2026-11-30");
    let columns = &["scope_id", "revenue", "paying_days", "paid", "average_transaction_value"];
    assert_eq!(
        night.rows("fct_period_summary", columns),
        [
            "N -780.00 1 170.00 170.0",
            "S 160.00 3 190.00 63.333333333333336",
            "* -620.00 4 360.00 90.0",
            "injection 130.00 3 160.00 53.333333333333336",
            "skin -750.00 1 200.00 200.0",
            "BOTOX 130.00 3 160.00 53.333333333333336",
            "LASER -750.00 1 200.00 200.0",
        ]
    );
    let metric = night.rows_where(
        "metric",
        "average_transaction_value",
        "fct_branch_comparison",
        &["branch_id", "value", "previous_value", "chain_value"],
    );
    assert_eq!(metric, ["N 170.0 1000.0 90.0", "S 63.333333333333336 - 90.0"]);
    let item = &[
        "branch_id",
        "item_id",
        "revenue_change",
        "paid",
        "previous_paid",
        "average_transaction_value",
        "previous_average_transaction_value",
    ];
    assert_eq!(
        night.rows("fct_item_performance", item),
        [
            "N BOTOX -30.00 -30.00 0.00 - -",
            "N LASER -1750.00 200.00 1000.00 200.0 1000.0",
            "S BOTOX 160.00 190.00 0.00 63.333333333333336 -",
        ]
    );
}

/// Customers per stage, from one stage column and a head-count column.
fn stock(night: &Night, table: &str, stage: &str, heads: Option<&str>) -> BTreeMap<String, i64> {
    let mut stock = BTreeMap::new();
    for row in night.chain(table, &[&[stage], heads.as_slice()].concat()) {
        let (stage, heads) = row.split_once(' ').unwrap_or((&row, "1"));
        if stage != "-" {
            *stock.entry(stage.to_owned()).or_default() += heads.parse::<i64>().expect("a number");
        }
    }
    stock
}

#[test]
fn opening_stock_plus_in_minus_out_is_closing_stock() {
    let chain = half_a_year();
    let mut closed: BTreeMap<String, i64> = BTreeMap::new();
    for on in MONTH_ENDS {
        let night = night(&chain, on);
        let opening = stock(&night, "fct_lifecycle_transition", "from_stage", Some("customers"));
        let closing = stock(&night, "fct_lifecycle_transition", "to_stage", Some("customers"));
        assert_eq!(opening, closed, "{on} opens with the stock with which the month before closed");
        assert_eq!(closing, stock(&night, "fct_lifecycle_snapshot", "stage", None), "{on}");
        closed = closing;
    }
    assert_eq!(closed.values().sum::<i64>(), 6);
}

#[test]
fn transitions_carry_heads_and_money_of_each_way() {
    let night = night(&half_a_year(), "2026-03-31");
    let columns = &["from_stage", "to_stage", "customers", "monetary"];
    assert_eq!(
        night.chain("fct_lifecycle_transition", columns),
        [
            "effective effective 2 40.00", // twice and often: two days in the last 90
            "potential new 1 10.00",       // won
            "potential potential 1 0.00",  // lead
            "silent effective 1 20.00",    // recalled
            "silent silent 1 10.00",       // once
        ]
    );
}
