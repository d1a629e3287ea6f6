//! Nights that keep what they read publish what a run from scratch does.

use std::collections::BTreeMap;

use super::{HEADER, chain, files, pipeline};
use crate::common::chain::{Chain, day, run};
use rfmart::publish::Commit;

const SOURCES: &str =
    "  orders: {location: orders/*.csv}\n  visits: {location: visits/*.csv}\n  leads: {location: leads/*.csv}";
const VISITS: &str = "visit_id,customer_id,branch_id,visited_at,status,updated_at";
const LEADS: &str = "customer_id,branch_id,created_at,channel,updated_at";

/// The tables' bytes of a day and what its commit says of rows, by a run that keeps what it reads or not.
fn publish(chain: &Chain, as_of: &str, keeps: bool) -> (BTreeMap<String, Vec<u8>>, Commit) {
    let mut pipeline = pipeline(chain);
    pipeline.limits.state_dir = keeps.then(|| chain.path("state"));
    pipeline.publish.location.path = format!("{}/{keeps}/", pipeline.publish.location.path.trim_end_matches('/'));
    run(&pipeline, day(as_of)).expect("a snapshot");
    let warehouse = files(&chain.path(&format!("warehouse/{keeps}")));
    let is_of_day = |name: &str| name.contains(&format!("dt={as_of}")) && !name.starts_with("dim_snapshot");
    let tables = warehouse.iter().filter(|(name, _)| is_of_day(name));
    let tables = tables.map(|(name, (bytes, _))| (name.clone(), bytes.clone())).collect();
    let commits = warehouse.iter().filter(|(name, _)| name.starts_with("_rfmart/commits/"));
    let commits = commits.map(|(_, (bytes, _))| serde_json::from_slice::<Commit>(bytes).expect("a commit record"));
    let commit = commits.into_iter().find(|commit| commit.as_of == day(as_of)).expect("the day's commit");
    (tables, commit)
}

#[test]
fn a_night_after_a_night_publishes_the_bytes_of_a_run_from_scratch() {
    let chain = chain(SOURCES, "");
    let orders = format!("{HEADER},department,updated_at");
    chain.write(
        "orders/1.csv",
        &format!(
            "{orders}\nA1,c1,B1,2024-10-20,100,face,2024-10-20T09:00:00Z\nA2,c2,B1,2024-11-05,50.50,body,\n\
             A3,c3,B2,2024-11-06,none,body,\nA4,c4,B2,2024-11-07,80,,2024-11-07T09:00:00Z\nA5,c5,B1,2024-11-12,9,,\n"
        ),
    );
    chain.write("visits/1.csv", &format!("{VISITS}\nV1,c1,B1,2024-10-20,attended,\nV2,c6,B2,2024-11-01,booked,\n"));
    chain.write("leads/1.csv", &format!("{LEADS}\nc7,B1,2024-10-01,web,2024-10-01T09:00:00Z\n"));
    publish(&chain, "2024-11-10", true);
    // Later deliveries of rows that stay read, of the same branch and customer and of others; new rows and rejected ones.
    chain.write(
        "orders/2.csv",
        &format!(
            "{orders}\nA1,c1,B1,2024-10-21,120,face,2024-11-10T09:00:00Z\nA4,c9,B2,2024-11-07,80,,2024-11-10T09:00:00Z\n\
             A6,c1,B2,2024-11-11,5,face,\nA7,c1,B2,2024-11-11,?,face,\n"
        ),
    );
    chain.write("visits/2.csv", &format!("{VISITS}\nV2,c6,B2,2024-11-01,attended,2024-11-10T09:00:00Z\n"));
    chain.write("leads/2.csv", &format!("{LEADS}\nc7,B1,2024-10-02,friend,2024-11-10T09:00:00Z\n"));
    for as_of in ["2024-11-11", "2024-11-12", "2024-10-31"] {
        let (kept, its_commit) = publish(&chain, as_of, true);
        let (fresh, commit) = publish(&chain, as_of, false);
        assert!(fresh.len() > 10 && kept.keys().eq(fresh.keys()), "{:?}", kept.keys());
        for (name, bytes) in &fresh {
            assert!(kept[name] == *bytes, "{name} differs");
        }
        assert_eq!((its_commit.rows, its_commit.inputs), (commit.rows, commit.inputs), "as of {as_of}");
    }
}
