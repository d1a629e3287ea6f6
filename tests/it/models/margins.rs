//! Profit: by a line's cost, else by the margin of its item, its department or the chain.

use std::rc::Rc;

use super::{csv, night, shop};
use crate::common::chain::Chain;

const HEADER: &str = "order_id,customer_id,branch_id,paid_at,amount,department,item_id,cost,status";

/// Paid lines written as `customer amount department item cost`, with `-` for what is empty; refunds have a negative
/// amount.
fn chain(policy: &str, lines: &[&str]) -> Rc<Chain> {
    let orders = (1..).zip(lines).map(|(number, line)| {
        let [customer, amount, department, item, cost] =
            line.split(' ').map(|cell| if cell == "-" { "" } else { cell }).collect::<Vec<_>>()[..]
        else {
            panic!("{line}");
        };
        let status = if amount.starts_with('-') { "refunded" } else { "paid" };
        format!("O{number},{customer},N,2026-11-{number:02},{amount},{department},{item},{cost},{status}")
    });
    shop(policy, &[csv("orders", HEADER, orders)])
}

fn profits(policy: &str, lines: &[&str]) -> Vec<String> {
    night(&chain(policy, lines), "2026-11-21").chain("fct_customer_ltv", &["customer_id", "profit"])
}

#[test]
fn a_line_has_the_margin_of_its_item_else_of_its_department_else_of_the_chain() {
    let policy = "policy: {margin: 0.5, departments: {injection: {margin: 0.35}, surgery: {}}, \
                  items: {BOTOX: {margin: 0.2}, FILLER: {lifecycle: {new: {recency_days: 45}}}}}";
    let lines = [
        "a 1000 injection - -",
        "b 1000 skin - -",
        "c 1000 - - -",
        "d 1000 injection BOTOX -",
        "e 1000 - BOTOX -",
        // Named, but for other rules: its margin is still that of the department, and without one the chain's.
        "f 1000 injection FILLER -",
        "g 1000 injection ACID -",
        "h 1000 injection BOTOX 100",
        "i 1000 surgery - -",
        "j 1000 skin FILLER -",
        "k 1000 - FILLER -",
    ];
    assert_eq!(
        profits(policy, &lines),
        [
            "a 350.00", "b 500.00", "c 500.00", "d 200.00", "e 200.00", "f 350.00", "g 350.00", "h 900.00", "i 500.00",
            "j 500.00", "k 500.00"
        ]
    );
}

#[test]
fn an_item_named_without_a_margin_has_none_where_neither_its_department_nor_the_chain_has() {
    let policy =
        "policy: {departments: {injection: {margin: 0.35}}, items: {FILLER: {lifecycle: {new: {recency_days: 45}}}}}";
    assert_eq!(profits(policy, &["a 1000 injection FILLER -", "b 1000 skin FILLER -"]), ["a 350.00", "b -"]);
}

#[test]
fn a_refund_takes_back_the_profit_at_its_own_margin_and_all_of_it_where_there_is_none() {
    let policy = "policy: {departments: {injection: {margin: 0.35}}, items: {BOTOX: {margin: 0.2}}}";
    let lines = [
        "a 1000 injection - -",
        "a -400 injection - -",
        "b 1000 skin BOTOX -",
        "b -400 - BOTOX -",
        "c 1000 - - 300",
        "c -400 - - -",
        "d 1000 skin ACID -",
        "e 0 injection - -",
        "e -400 injection - -100",
    ];
    assert_eq!(profits(policy, &lines), ["a 210.00", "b 120.00", "c 300.00", "d -", "e -300.00"]);
}
