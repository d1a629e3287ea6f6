//! A published day whose inputs or rules have changed since.

use std::fs;

use super::{
    HEADER, ORDERS, attempt, chain, commit, configure, files, part, pipeline, publish, refusal, small, table, warehouse,
};
use crate::common::chain::{Chain, day, run_with};
use rfmart::publish::Stale;
use rfmart::run::{Consent, Outcome};
use rfmart::{Error, Kind, Result};

const AS_OF: &str = "2024-11-21";

/// Two exports, and a snapshot of them.
fn published() -> Chain {
    let chain = small();
    chain.write("orders/2.csv", &format!("{HEADER}\nA3,c2,B1,2024-11-06,70\n"));
    publish(&chain, AS_OF);
    chain
}

fn restate(chain: &Chain, as_of: &str, reason: &str) -> Result<Outcome> {
    let consent = Consent { restate: Some(reason.to_owned()), ..Consent::default() };
    run_with(&pipeline(chain), day(as_of), &consent)
}

/// The refusal after a change that a table tells of.
#[track_caller]
fn refusal_after(change: impl FnOnce(&Chain)) -> (Chain, Error) {
    let chain = published();
    change(&chain);
    let before = warehouse(&chain);
    let error = refusal(&chain, AS_OF);
    assert_eq!(error.kind(), Kind::Data, "{error}");
    assert!(before == warehouse(&chain), "nothing is written");
    let text = error.to_string();
    assert!(
        text.starts_with("the snapshot of 2024-11-21 is published already, and would come out otherwise now\n"),
        "{text}"
    );
    assert!(text.contains("\n  differs: "), "{text}");
    assert!(text.contains("--as-of 2024-11-21 --restate --reason "), "{text}");
    (chain, error)
}

/// The changes that a run tells of after which every table comes out the same.
#[track_caller]
fn unchanged_after(change: impl FnOnce(&Chain)) -> (Chain, Vec<String>) {
    let chain = published();
    change(&chain);
    let before = warehouse(&chain);
    let outcome = publish(&chain, AS_OF);
    assert!(before == warehouse(&chain), "nothing is written");
    let Outcome::Unchanged(commit, changes) = outcome else { panic!("it is published, or nothing was seen") };
    assert_eq!(commit.number, 1);
    (chain, changes)
}

#[track_caller]
fn assert_names(error: &Error, chain: &Chain, what: &str, file: &str) {
    let line = format!("  changed: {what} file://{}\n", chain.path(file).display());
    assert!(error.to_string().contains(&line), "{error}");
    assert_eq!(error.to_string().lines().filter(|line| line.starts_with("  changed: ")).count(), 1, "{error}");
}

fn replace(chain: &Chain) {
    chain.write("orders/1.csv", &format!("{HEADER}\nA1,c1,B1,2024-10-20,100\nA2,c1,B1,2024-11-05,50.51\n"));
}

#[test]
fn a_replaced_input_is_refused() {
    let (chain, error) = refusal_after(replace);
    assert_names(&error, &chain, "replaced object", "orders/1.csv");
}

#[test]
fn a_missing_input_is_refused() {
    let (chain, error) = refusal_after(|chain| fs::remove_file(chain.path("orders/2.csv")).expect("an export"));
    assert_names(&error, &chain, "missing object", "orders/2.csv");
}

#[test]
fn a_restatement_without_an_input_that_the_day_had_is_refused() {
    let chain = published();
    fs::remove_file(chain.path("orders/2.csv")).expect("an export");
    let error = restate(&chain, AS_OF, "it seems right").err().expect("a refusal");
    assert!(error.to_string().contains("orders of branch B1: 2 rows are used, 3 were"), "{error}");
}

#[test]
fn late_rows_are_refused() {
    let (chain, error) =
        refusal_after(|chain| chain.write("orders/3.csv", &format!("{HEADER}\nA4,c3,B1,2024-11-21,1\n")));
    assert_names(&error, &chain, "new object", "orders/3.csv");
}

#[test]
fn a_policy_mapping_or_scope_by_which_a_table_differs_is_refused() {
    let changes = [
        (ORDERS, "policy: {window_days: 20}"),
        (ORDERS, "scopes: [chain]"),
        (ORDERS, "period: week"),
        ("  orders: {location: orders/*.csv, constants: {department: skin}}", ""),
    ];
    for (sources, settings) in changes {
        let (_, error) = refusal_after(|chain| configure(chain, sources, settings));
        let told = "\n  changed: the policy, a snapshot that its scores are frozen on, or how sources are mapped\n";
        assert!(error.to_string().contains(told), "{settings}: {error}");
    }
}

#[test]
fn what_can_not_reach_the_day_leaves_it_up_to_date() {
    let (_, changes) =
        unchanged_after(|chain| chain.write("orders/3.csv", &format!("{HEADER}\nA4,c3,B1,2024-11-22,1\n")));
    assert!(matches!(changes.as_slice(), [change] if change.starts_with("new object ")), "{changes:?}");
    let (_, changes) = unchanged_after(|chain| {
        // A copy of the same rows, and a file that was written again.
        fs::copy(chain.path("orders/1.csv"), chain.path("orders/copy.csv")).expect("a copy");
        let bytes = fs::read_to_string(chain.path("orders/2.csv")).expect("an export");
        fs::remove_file(chain.path("orders/2.csv")).expect("an export");
        chain.write("orders/2.csv", &bytes);
    });
    assert_eq!(changes.len(), 2, "{changes:?}");
    let (_, changes) =
        unchanged_after(|chain| configure(chain, "  orders: {location: orders/*.csv, csv: {encoding: big5}}", ""));
    assert_eq!(changes.len(), 1, "{changes:?}");
}

#[test]
fn a_day_that_differs_is_published_anew_when_somebody_says_why() {
    let (chain, clean) = (published(), chain(ORDERS, ""));
    let old = commit(&chain, 1);
    replace(&chain);
    let Ok(Outcome::Published(restated)) = restate(&chain, AS_OF, "till 3 sent its cents late") else {
        panic!("it isn't published")
    };
    let restates = restated.restates.as_ref().expect("a restatement");
    assert_eq!((restated.commit_number, restates.number), (2, 1));
    assert!(restates.tables.contains(&"fct_customer_rfm".to_owned()), "{restates:?}");
    assert!(!restates.tables.contains(&"dim_stage".to_owned()), "{restates:?}");
    assert_eq!(commit(&chain, 2).restates.as_ref(), Some(restates));
    assert_eq!(table(&chain, "fct_customer_rfm", AS_OF, &["customer_id", "monetary"])[0], "c1 150.51");
    assert_eq!(table(&chain, "dim_snapshot", AS_OF, &["commit_number"]), ["2"]);
    // What readers see is what a first run over these inputs would have published.
    for name in ["orders/1.csv", "orders/2.csv"] {
        clean.write(name, &fs::read_to_string(chain.path(name)).expect("an export"));
    }
    publish(&clean, AS_OF);
    let tables = |chain: &Chain| {
        let all = files(&chain.path("warehouse")).into_iter();
        all.filter(|(name, _)| !["_rfmart", "dim_snapshot", "dim_restatement"].iter().any(|run| name.starts_with(run)))
            .map(|(name, (bytes, _))| (name, bytes))
            .collect::<Vec<_>>()
    };
    assert!(tables(&chain) == tables(&clean));
    assert_eq!(
        table(
            &chain,
            "dim_restatement",
            AS_OF,
            &["commit_number", "scope_id", "reason", "monetary_before", "monetary_after"]
        ),
        ["2 * till 3 sent its cents late 220.50 220.51", "2 B1 till 3 sent its cents late 220.50 220.51"]
    );
    let rfm = old.files.iter().find(|file| file.table == "fct_customer_rfm").expect("a file");
    assert!(!chain.path("warehouse").join(&rfm.path).exists(), "the old file makes way");
    assert!(matches!(attempt(&chain, AS_OF), Ok(Outcome::UpToDate(commit)) if commit.number == 2));
}

#[test]
fn each_restatement_of_a_day_stays_told_and_is_made_again_from_the_records() {
    let chain = published();
    for (amount, reason) in [("50.51", "first"), ("50.52", "second")] {
        chain.write("orders/1.csv", &format!("{HEADER}\nA1,c1,B1,2024-10-20,100\nA2,c1,B1,2024-11-05,{amount}\n"));
        restate(&chain, AS_OF, reason).expect("a restatement");
    }
    let told =
        || table(&chain, "dim_restatement", AS_OF, &["commit_number", "replaced_commit_number", "scope_id", "reason"]);
    let expected = ["2 1 * first", "2 1 B1 first", "3 2 * second", "3 2 B1 second"];
    assert_eq!(told(), expected);
    let file = part(&chain, "dim_restatement", AS_OF);
    let before = fs::read(&file).expect("a file");
    fs::remove_file(&file).expect("a file");
    assert!(matches!(attempt(&chain, AS_OF), Ok(Outcome::Restored(_, 1))));
    assert!(before == fs::read(&file).expect("a file"));
}

#[test]
fn a_restatement_of_nothing_is_none() {
    let chain = published();
    assert!(matches!(restate(&chain, AS_OF, "to be sure"), Ok(Outcome::UpToDate(_))));
    chain.write("orders/3.csv", &format!("{HEADER}\nA4,c3,B1,2024-11-22,1\n"));
    assert!(matches!(restate(&chain, AS_OF, "to be sure"), Ok(Outcome::Unchanged(..))));
}

#[test]
fn an_old_version_that_waits_still_is_not_brought_back() {
    let chain = published();
    let old = commit(&chain, 1);
    let rfm = old.files.iter().find(|file| file.table == "fct_customer_rfm").expect("a file");
    let bytes = fs::read(chain.path("warehouse").join(&rfm.path)).expect("a file");
    replace(&chain);
    restate(&chain, AS_OF, "cents").expect("a restatement");
    let place = chain.path(&format!("warehouse/_rfmart/pending/000001-{}", old.nonce));
    fs::create_dir_all(&place).expect("a folder");
    fs::write(place.join("fct_customer_rfm.parquet"), bytes).expect("a file");
    publish(&chain, "2024-11-22");
    assert_eq!(table(&chain, "fct_customer_rfm", AS_OF, &["customer_id", "monetary"])[0], "c1 150.51");
    assert!(!place.exists());
}

/// The stale days of a night's commit, and its warnings.
fn stale_at(chain: &Chain, as_of: &str) -> (Stale, String) {
    let Outcome::Published(night) = publish(chain, as_of) else { panic!("it isn't published") };
    let recorded = commit(chain, night.commit_number).stale;
    assert_eq!(recorded, night.stale);
    (recorded, night.warnings.join("\n"))
}

#[test]
fn late_rows_of_a_closed_month_are_told_every_night_until_it_is_restated() {
    let chain = small();
    publish(&chain, "2024-10-31");
    publish(&chain, "2024-11-10");
    assert_eq!(stale_at(&chain, "2024-11-11").0, Stale::default());
    chain.write("orders/late.csv", &format!("{HEADER}\nA3,c2,B1,2024-10-30,70.25\nA4,c2,B2,2024-10-30,5\n"));
    for as_of in ["2024-11-12", "2024-11-13"] {
        let (stale, warnings) = stale_at(&chain, as_of);
        let [closing] = stale.closings.as_slice() else { panic!("{stale:?}") };
        assert_eq!((closing.as_of, closing.number), (day("2024-10-31"), 1));
        assert_eq!(closing.changes, ["orders: B1 +1 rows, +70.25; B2 +1 rows, +5.00"]);
        // The nights of the 10th and 11th lack them, too; those of the 12th and later don't.
        assert_eq!(stale.other_days, 2);
        let told = "the closing snapshot of 2024-10-31 lacks what came since: orders: B1 +1 rows, +70.25";
        assert!(warnings.contains(told), "{warnings}");
    }
    restate(&chain, "2024-10-31", "a late till").expect("a restatement");
    let (stale, warnings) = stale_at(&chain, "2024-11-14");
    assert_eq!((stale.closings, stale.other_days), (Vec::new(), 2));
    assert!(!warnings.contains("lacks"), "{warnings}");
}

#[test]
fn rows_that_went_and_no_table_tells_of_are_restated_once() {
    // A line of nothing changes no table, but what the day was made of.
    let chain = small();
    publish(&chain, "2024-10-31");
    chain.write("orders/late.csv", &format!("{HEADER}\nA1,c1,B1,2024-10-20,100\nA9,c1,B1,2024-10-20,0\n"));
    let (stale, _) = stale_at(&chain, "2024-11-12");
    assert_eq!(stale.closings.len(), 1, "{stale:?}");
    restate(&chain, "2024-10-31", "a free sample").expect("a restatement");
    let (stale, _) = stale_at(&chain, "2024-11-13");
    assert_eq!(stale.closings, []);
}
