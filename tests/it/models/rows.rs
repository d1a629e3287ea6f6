//! What becomes of each row that is read: used, replaced, after as_of, rejected; and rows that contradict each other.

use std::rc::Rc;

use rfmart::publish::{BranchRows, Commit, EntityRows};
use rfmart::{Error, Kind};

use super::{csv, shop};
use crate::common::chain::{Chain, day, run};

const LIMITS: &str = "limits: {memory: 1GiB, target_partitions: 1, max_rejected_share: 1, max_conflicting_share: 1}";

fn commit(chain: &Rc<Chain>, as_of: &str) -> Commit {
    run(&chain.pipeline(), day(as_of)).unwrap_or_else(|error| panic!("{error}"));
    let record = std::fs::read(chain.path("warehouse/_rfmart/commits/000001.json")).expect("a commit");
    serde_json::from_slice(&record).expect("a commit record")
}

fn refusal(chain: &Rc<Chain>, as_of: &str) -> Error {
    run(&chain.pipeline(), day(as_of)).err().expect("a refusal")
}

/// `branch read used duplicates after rejected` of each branch, and of all as `*`.
fn counts(rows: &EntityRows) -> Vec<String> {
    let text = |rows: &BranchRows| {
        let branch = rows.branch_id.as_deref().unwrap_or("-");
        format!("{branch} {} {} {} {} {}", rows.read, rows.used, rows.duplicates, rows.after_as_of, rows.rejected)
    };
    for rows in &rows.branches {
        assert_eq!(rows.read, rows.used + rows.duplicates + rows.after_as_of + rows.rejected, "{}", text(rows));
    }
    let all = BranchRows {
        branch_id: Some("*".to_owned()),
        read: rows.read,
        used: rows.used,
        duplicates: rows.duplicates,
        after_as_of: rows.after_as_of,
        rejected: rows.rejected,
        amount_hundredths: None,
    };
    rows.branches.iter().chain([&all]).map(text).collect()
}

#[test]
fn every_row_is_counted_once_per_entity_and_branch() {
    let orders = csv(
        "orders",
        "branch_id,order_id,line_no,customer_id,paid_at,amount,updated_at",
        [
            "N,1,1,ann,2026-11-01,10,",
            "N,1,1,ann,2026-11-01,10,",
            "S,1,1,bob,2026-11-01,10,",
            // Moved to a day after as_of: the first delivery is replaced, the second doesn't exist yet.
            "N,2,1,ann,2026-11-02,10,2026-11-02T00:00:00Z",
            "N,2,1,ann,2026-11-22,10,2026-11-03T00:00:00Z",
            // Moved back: the one after as_of is replaced.
            "N,3,1,ann,2026-11-22,10,2026-11-02T00:00:00Z",
            "N,3,1,ann,2026-11-02,10,2026-11-03T00:00:00Z",
            // Both deliveries are after as_of.
            "S,4,1,bob,2026-11-22,10,",
            "S,4,1,bob,2026-11-22,10,",
            // Rejected: of a branch, of none, of one that no good row names.
            "S,5,1,bob,2026-11-05,ten,",
            ",6,1,bob,2026-11-05,10,",
            "X,7,1,bob,2026-11-05,ten,",
        ],
    );
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at",
        ["1,ann,N,2026-11-01", "1,ann,S,2026-11-01", "1,ann,S,2026-11-01", "2,ann,S,2026-11-22"],
    );
    let leads = csv(
        "leads",
        "customer_id,branch_id,created_at",
        ["ann,N,2026-10-01", "ann,,2026-10-01", "ann,,2026-10-01", "ann,S,never"],
    );
    let branches = csv("branches", "branch_id,name", ["N,North", "S,South", "S,The south"]);
    let items = csv("items", "item_id,name", ["A,a", "A,b", "B,b"]);
    let contacts = csv(
        "contacts",
        "contact_id,customer_id,branch_id,contacted_at",
        ["1,ann,N,2026-11-01", "1,ann,N,2026-11-01", "1,ann,,2026-11-01", "2,ann,S,2026-11-22", "3,ann,S,never"],
    );
    // Rows of spend have no key: each counts.
    let spend = csv(
        "spend",
        "spent_on,branch_id,amount",
        ["2026-11-01,N,5", "2026-11-01,N,5", "2026-11-22,,5", "2026-11-01,,five"],
    );
    let chain = shop(LIMITS, &[orders, visits, leads, contacts, spend, branches, items]);
    let rows = commit(&chain, "2026-11-21").rows;
    assert_eq!(counts(&rows["orders"]), ["N 6 2 3 1 0", "S 4 1 1 1 1", "- 2 0 0 0 2", "* 12 3 4 2 3"]);
    assert_eq!(counts(&rows["visits"]), ["N 1 1 0 0 0", "S 3 1 1 1 0", "* 4 2 1 1 0"]);
    assert_eq!(counts(&rows["leads"]), ["N 1 1 0 0 0", "S 1 0 0 0 1", "- 2 1 1 0 0", "* 4 2 1 0 1"]);
    assert_eq!(counts(&rows["contacts"]), ["N 2 1 1 0 0", "S 2 0 0 1 1", "- 1 1 0 0 0", "* 5 2 1 1 1"]);
    assert_eq!(counts(&rows["spend"]), ["N 2 2 0 0 0", "- 2 0 0 1 1", "* 4 2 0 1 1"]);
    assert_eq!(counts(&rows["branches"]), ["- 3 2 1 0 0", "* 3 2 1 0 0"]);
    assert_eq!(counts(&rows["items"]), ["- 3 2 1 0 0", "* 3 2 1 0 0"]);
}

#[test]
fn rows_of_customers_numbers_are_counted_too() {
    let orders = csv("orders", "branch_id,order_id,customer_id,paid_at,amount", ["N,1,17,2026-11-01,10"]);
    let customers = csv(
        "customers",
        "branch_id,local_id,customer_id,updated_at",
        ["N,17,M1,2026-11-02T00:00:00Z", "N,17,M2,2026-11-01T00:00:00Z", "N,18,M3,", "N,18,M3,", "S,17,,", "S,18,M5,"],
    );
    let chain = shop(&format!("customer_ids: {{unique_in: branch}}\n{LIMITS}"), &[orders, customers]);
    let rows = &commit(&chain, "2026-11-21").rows["customers"];
    assert_eq!(counts(rows), ["N 4 2 2 0 0", "S 2 1 0 0 1", "* 6 3 2 0 1"]);
    assert_eq!(rows.conflicting, 1);
    let file = format!("file://{}", chain.path("customers.csv").display());
    assert_eq!(rows.conflicts, [format!("17 at N: customer M2, then M1 (row 2 of {file}, then row 1 of {file})")]);
}

/// Two branches that number alike, in a pipeline that takes their numbers for the chain's.
fn alike(settings: &str) -> Rc<Chain> {
    let lines = ["N", "S"]
        .map(|branch| (1..=20).map(move |number| format!("{branch},{number},{branch}-MEMBER-{number},2026-11-05,10")));
    let orders = csv("orders", "branch_id,order_id,customer_id,paid_at,amount", lines.into_iter().flatten());
    shop(&format!("order_ids: {{unique_in: chain}}\n{settings}"), &[orders])
}

#[test]
fn branches_that_number_alike_are_not_taken_for_one() {
    let chain = alike("");
    let error = refusal(&chain, "2026-11-21");
    assert_eq!(error.kind(), Kind::Data);
    let file = format!("file://{}", chain.path("orders.csv").display());
    let told = error.to_string();
    assert!(
        told.starts_with(
            "orders: 20 of 40 rows (50.0 %) came again with another branch, customer or day, more than \
             limits.max_conflicting_share allows (1.0 %)\n  "
        ),
        "{told}"
    );
    let example = format!(
        "\n  1: branch N, then S; customer N-MEMBER-1, then S-MEMBER-1 (row 1 of {file}, then row 21 of {file})\n"
    );
    assert!(told.contains(&example), "{told}");
    assert!(
        told.contains(
            "\nhint: if branches use the same numbers for different things, write `order_ids: {unique_in: branch}`; "
        ),
        "{told}"
    );
    assert!(!chain.path("warehouse/fct_customer_rfm").exists(), "nothing is published");
}

#[test]
fn a_few_contradictions_are_told_in_the_commit() {
    let chain = alike("limits: {memory: 1GiB, target_partitions: 1, max_conflicting_share: 0.5}");
    let rows = &commit(&chain, "2026-11-21").rows["orders"];
    assert_eq!((rows.conflicting, rows.duplicates, rows.conflicts.len()), (20, 20, 10));
    assert_eq!(counts(rows), ["N 20 0 20 0 0", "S 20 20 0 0 0", "* 40 20 20 0 0"]);
}

#[test]
fn with_hashed_ids_an_example_tells_no_customer_and_no_key() {
    let privacy = "privacy: {customer_id: hmac, key: 8f1d77d5c0e94a3a9f25b9ad0c2b6c50}";
    let told = refusal(&alike(privacy), "2026-11-21").to_string();
    assert!(told.contains("\n  branch N, then S; another customer (row 1 of file:"), "{told}");
    assert!(!told.contains("MEMBER"), "{told}");
}

#[test]
fn another_amount_or_status_is_an_ordinary_correction() {
    let orders = csv(
        "orders",
        "branch_id,order_id,customer_id,paid_at,amount,status,updated_at",
        ["N,1,ann,2026-11-01,10,paid,2026-11-01T00:00:00Z", "N,1,ann,2026-11-01,12,refunded,2026-11-02T00:00:00Z"],
    );
    let rows = &commit(&shop("", &[orders]), "2026-11-21").rows["orders"];
    assert_eq!((rows.duplicates, rows.conflicting), (1, 0));
}

#[test]
fn another_day_or_customer_at_the_same_branch_is_a_contradiction() {
    let orders = csv("orders", "branch_id,order_id,customer_id,paid_at,amount", ["N,1,ann,2026-11-01,10"]);
    let visits = csv(
        "visits",
        "visit_id,customer_id,branch_id,visited_at",
        ["1,ann,N,2026-11-01", "1,ann,N,2026-11-02", "2,ann,N,2026-11-03", "2,bob,N,2026-11-03"],
    );
    let chain = shop("", &[orders, visits]);
    let told = refusal(&chain, "2026-11-21").to_string();
    let file = format!("file://{}", chain.path("visits.csv").display());
    assert!(told.starts_with("visits: 2 of 4 rows (50.0 %) came again"), "{told}");
    let day = format!("\n  1 at N: day 2026-11-01, then 2026-11-02 (row 1 of {file}, then row 2 of {file})\n");
    let customer = format!("\n  2 at N: customer ann, then bob (row 3 of {file}, then row 4 of {file})\n");
    assert!(told.contains(&day) && told.contains(&customer), "{told}");
    assert!(told.contains("\nhint: map visit_id to what tells a branch's rows apart"), "{told}");
}
