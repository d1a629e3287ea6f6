//! Exports of a branch that fail, while those of the others go on.

use std::collections::BTreeMap;
use std::fs;

use rfmart::Kind;
use rfmart::config::Pipeline;
use rfmart::run::{Consent, Empty, Outcome};

use super::{HEADER, chain, files, pipeline};
use crate::common::chain::{Chain, day, run, run_with};

const B2: &str = "orders/B2.csv";

/// Orders of a branch, one each for so many customers.
fn export(branch: &str, count: usize) -> String {
    let rows = (0..count)
        .map(|row| format!("{branch}-{row},c{},{branch},2024-10-{:02},{}\n", row % 7, 1 + row % 30, 100 + row));
    format!("{HEADER}\n{}", rows.collect::<String>())
}

fn exports(sources: &str) -> Chain {
    let chain = chain(sources, "");
    for branch in ["B1", "B2", "B3"] {
        chain.write(&format!("orders/{branch}.csv"), &export(branch, 40));
    }
    chain
}

fn holding(chain: &Chain) -> Pipeline {
    let mut pipeline = pipeline(chain);
    pipeline.limits.max_rejected_share = 0.05;
    pipeline.limits.state_dir = Some(chain.path("state"));
    pipeline.limits.holds_branches = true;
    pipeline
}

/// A day's tables in a folder of the chain.
fn tables(chain: &Chain, warehouse: &str, as_of: &str) -> BTreeMap<String, Vec<u8>> {
    let is_of_day = |name: &str| name.contains(&format!("dt={as_of}")) && !name.starts_with("dim_snapshot");
    let all = files(&chain.path(warehouse)).into_iter().filter(|(name, _)| is_of_day(name));
    all.map(|(name, (bytes, _))| (name, bytes)).collect()
}

fn warnings(outcome: Outcome) -> Vec<String> {
    let Outcome::Published(published) = outcome else { panic!("it isn't published") };
    published.warnings.into_iter().filter(|warning| warning.contains(" is held ")).collect()
}

/// Publishes a day that holds what was written of B2 at first, and compares it with a run that finds that.
#[track_caller]
fn assert_held(chain: &Chain, as_of: &str, why: &str) {
    let held = warnings(run(&holding(chain), day(as_of)).expect("a snapshot"));
    let url = format!("file://{} is held at what was written ", chain.path(B2).display());
    assert!(matches!(held.as_slice(), [one] if one.starts_with(&url) && one.contains(why)), "{held:?}");
    let other = exports("  orders: {location: orders/, format: csv}");
    for branch in ["B1", "B3"] {
        let name = format!("orders/{branch}.csv");
        fs::copy(chain.path(&name), other.path(&name)).expect("a copy");
    }
    run(&pipeline(&other), day(as_of)).expect("a snapshot");
    let expected = tables(&other, "warehouse", as_of);
    assert!(expected.len() > 10);
    assert!(tables(chain, "warehouse", as_of) == expected, "as of {as_of}");
}

#[test]
fn exports_that_fail_are_held_while_the_others_go_on() {
    let chain = exports("  orders: {location: orders/, format: csv}");
    run(&holding(&chain), day("2024-10-31")).expect("a snapshot");
    let lost = "orders of branch B2: 0 rows are used, 40 were";
    let failures: [(&str, &dyn Fn(), &str); 6] = [
        ("gone", &|| fs::remove_file(chain.path(B2)).expect("a file"), lost),
        ("only a header", &|| chain.write(B2, &format!("{HEADER}\n")), lost),
        ("cut", &|| chain.write(B2, &export("B2", 20)), "orders of branch B2: 20 rows are used, 40 were"),
        ("no text", &|| fs::write(chain.path(B2), [0xff; 99]).expect("a file"), "the header isn't valid UTF-8"),
        ("no days", &|| chain.write(B2, &export("B2", 40).replace("2024-", "someday ")), "40 rows: paid_at not a date"),
        (
            "amounts of another size",
            &|| chain.write(B2, &export("B2", 40).replace(",1", ",10000").replace("c10000", "c1")),
            "orders of branch B2: a row's mean amount is ",
        ),
    ];
    for (night, (_, fail, why)) in (1..).zip(&failures) {
        fail();
        for branch in ["B1", "B3"] {
            chain.write(&format!("orders/{branch}.csv"), &export(branch, 40 + night));
        }
        assert_held(&chain, &format!("2024-11-{night:02}"), why);
    }
    chain.write(B2, &format!("{}late,c1,B2,2024-11-06,9\n", export("B2", 50)));
    let outcome = run(&holding(&chain), day("2024-11-07")).expect("a snapshot");
    assert_eq!(warnings(outcome), [""; 0]);
}

#[test]
fn a_source_of_one_branch_may_be_gone_altogether() {
    let sources = "  orders:\n  - {location: orders/B1.csv}\n  - {location: orders/B2.csv}";
    let chain = exports(sources);
    run(&holding(&chain), day("2024-11-01")).expect("a snapshot");
    fs::remove_file(chain.path(B2)).expect("a file");
    let held = warnings(run(&holding(&chain), day("2024-11-02")).expect("a snapshot"));
    assert!(matches!(held.as_slice(), [one] if one.contains("orders[1]: nothing at ")), "{held:?}");
}

#[test]
fn what_was_never_read_can_not_be_held() {
    let chain = exports("  orders: {location: orders/, format: csv}");
    run(&holding(&chain), day("2024-11-01")).expect("a snapshot");
    fs::write(chain.path("orders/B4.csv"), [0xff; 99]).expect("a file");
    let error = run(&holding(&chain), day("2024-11-02")).err().expect("a refusal");
    assert_eq!(error.kind(), Kind::Data);
    let text = error.to_string();
    assert!(text.contains("orders/B4.csv: the header isn't valid UTF-8"), "{text}");
    assert!(text.contains("what was read before can't stand in for them: nothing else is kept of them"), "{text}");
}

#[test]
fn nothing_is_held_unless_told_nor_where_somebody_has_said_that_it_is_right() {
    let chain = exports("  orders: {location: orders/, format: csv}");
    run(&holding(&chain), day("2024-11-01")).expect("a snapshot");
    fs::remove_file(chain.path(B2)).expect("a file");
    let right = Consent { empty: Empty::Allowed, ..Consent::default() };
    let failing = Pipeline {
        limits: rfmart::config::Limits { holds_branches: false, ..holding(&chain).limits },
        ..holding(&chain)
    };
    let error = run(&failing, day("2024-11-02")).err().expect("a refusal");
    assert!(error.to_string().starts_with("a branch has lost rows"), "{error}");
    assert_eq!(warnings(run_with(&holding(&chain), day("2024-11-02"), &right).expect("a snapshot")), [""; 0]);
}
