//! Inputs that have run dry: nothing is published of them, unless somebody says that this is right.

use std::fs;

use crate::common::chain::{Chain, day, part, rows, run, run_with};
use rfmart::run::{Consent, Empty, Outcome};
use rfmart::{Kind, Result};

const ORDERS: &str = "order_id,customer_id,branch_id,paid_at,amount\n";
const VISITS: &str = "visit_id,customer_id,branch_id,visited_at\n";
const LEADS: &str = "customer_id,created_at\n";

/// A chain with orders on 2024-10-20 and 2024-11-05, a visit on 2024-11-06, and no lead.
fn small() -> Chain {
    let chain = Chain::new("");
    configure(&chain, "");
    chain.write("orders.csv", &format!("{ORDERS}A1,c1,B1,2024-10-20,100\nA2,c1,B1,2024-11-05,50.50\n"));
    chain.write("visits.csv", &format!("{VISITS}V1,c1,B1,2024-11-06\n"));
    chain.write("leads.csv", LEADS);
    chain
}

fn configure(chain: &Chain, without: &str) {
    let sources = ["orders", "visits", "leads"].into_iter().filter(|entity| *entity != without);
    let sources: Vec<String> = sources.map(|entity| format!("{entity}: {{location: {entity}.csv}}")).collect();
    chain.write(
        "pipeline.yaml",
        &format!(
            "name: clinics\ntimezone: Asia/Taipei\ncurrency: TWD\nsources: {{{}}}\npublish: {{location: warehouse/}}\n\
             limits: {{memory: 1GiB, target_partitions: 2, max_rejected_share: 1.0}}\n",
            sources.join(", ")
        ),
    );
}

/// A run that may publish of inputs that have run dry.
fn allowed(chain: &Chain, as_of: &str) -> Result<Outcome> {
    run_with(&chain.pipeline(), day(as_of), &Consent { empty: Empty::Allowed, ..Consent::default() })
}

#[track_caller]
fn publish(chain: &Chain, as_of: &str) {
    run(&chain.pipeline(), day(as_of)).unwrap_or_else(|error| panic!("{error}"));
}

/// What a refused run tells; nothing has been published for its day.
#[track_caller]
fn refusal(chain: &Chain, as_of: &str) -> String {
    let error = run(&chain.pipeline(), day(as_of)).err().expect("a refusal");
    assert_eq!(error.kind(), Kind::Data, "{error}");
    assert!(
        error.to_string().ends_with("\nhint: look at the exports; if this is right, run once more with --allow-empty")
    );
    assert!(!chain.path(&format!("warehouse/dim_snapshot/dt={as_of}")).exists(), "{error}");
    error.to_string()
}

#[track_caller]
fn warnings(chain: &Chain, as_of: &str) -> Vec<String> {
    match allowed(chain, as_of).unwrap_or_else(|error| panic!("{error}")) {
        Outcome::Published(published) => published.warnings,
        Outcome::UpToDate(_) | Outcome::Unchanged(..) | Outcome::Restored(..) => panic!("it was published before"),
    }
}

#[test]
fn an_entity_without_rows_that_had_some_stops_the_run() {
    let chain = small();
    publish(&chain, "2024-11-20");
    chain.write("orders.csv", ORDERS);
    let told = refusal(&chain, "2024-11-30");
    let expected =
        "orders: of 0 rows none is used (0 rejected, 0 after the day); in the snapshot of 2024-11-20, 2 were\n";
    assert!(told.starts_with(expected), "{told}");
    assert_eq!(warnings(&chain, "2024-11-30")[0], expected.trim_end());
}

#[test]
fn rows_that_are_all_rejected_are_none() {
    let chain = small();
    publish(&chain, "2024-11-20");
    chain.write("visits.csv", &format!("{VISITS}V1,c1,B1,someday\nV2,c1,B1,2024-11-25\n"));
    let told = refusal(&chain, "2024-11-21");
    assert!(
        told.starts_with("visits: of 2 rows none is used (1 rejected, 1 after the day); in the snapshot"),
        "{told}"
    );
}

#[test]
fn all_that_has_run_dry_is_told_at_once() {
    let chain = small();
    publish(&chain, "2024-11-20");
    chain.write("orders.csv", ORDERS);
    chain.write("visits.csv", VISITS);
    let told = refusal(&chain, "2024-11-21");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "nobody is known by 2024-11-21: no order, visit or lead can be used");
    assert!(lines[1].starts_with("  orders: of 0 rows none is used "), "{told}");
    assert!(lines[2].starts_with("  visits: of 0 rows none is used "), "{told}");
    assert_eq!(warnings(&chain, "2024-11-21").len(), 3);
}

#[test]
fn a_chain_of_nobody_is_refused_on_its_first_night_too() {
    let chain = small();
    let told = refusal(&chain, "2024-10-19");
    assert!(told.starts_with("nobody is known by 2024-10-19: no order, visit or lead can be used\nhint: "), "{told}");
    assert_eq!(warnings(&chain, "2024-10-19"), ["nobody is known by 2024-10-19: no order, visit or lead can be used"]);
}

#[test]
fn a_lead_makes_somebody_known() {
    let chain = small();
    chain.write("leads.csv", &format!("{LEADS}c9,2024-09-11\n"));
    publish(&chain, "2024-10-19");
}

#[test]
fn an_entity_that_never_had_rows_may_go_on_so() {
    let chain = small();
    publish(&chain, "2024-11-20");
    publish(&chain, "2024-11-21");
}

#[test]
fn only_snapshots_of_earlier_days_count() {
    let chain = small();
    publish(&chain, "2024-11-20");
    // By 2024-10-31 there has been no visit, which the later snapshot has.
    publish(&chain, "2024-10-31");
}

#[test]
fn a_source_that_the_pipeline_no_longer_has_is_no_empty_one() {
    let chain = small();
    publish(&chain, "2024-11-20");
    configure(&chain, "visits");
    publish(&chain, "2024-11-21");
}

#[test]
fn inputs_without_rows_give_tables_without_customers_where_they_are_allowed() {
    let chain = small();
    chain.write("orders.csv", ORDERS);
    chain.write("visits.csv", VISITS);
    allowed(&chain, "2024-11-21").unwrap_or_else(|error| panic!("{error}"));
    let table = |name: &str, columns: &[&str]| rows(&part(&chain.path("warehouse"), name, "2024-11-21"), columns);
    for name in ["fct_customer_rfm", "fct_lifecycle_snapshot", "fct_lifecycle_transition", "dim_customer", "dim_branch"]
    {
        assert!(table(name, &["as_of"]).is_empty(), "{name}");
    }
    let summary = ["scope", "scope_id", "leads", "customers", "visits", "orders", "revenue"];
    assert_eq!(table("fct_period_summary", &summary), ["chain * 0 0 0 0 0.00"]);
    assert_eq!(table("dim_stage", &["stage"]).len(), 8);
    assert!(fs::exists(chain.path("warehouse/_rfmart/commits/000001.json")).expect("a folder"));
}
