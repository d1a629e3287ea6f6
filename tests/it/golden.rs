//! The golden case: one customer's journey through all life stages, walked day by day.
//!
//! Every day is a run of its own, into a warehouse of its own. What it must say is written down here, from
//! the journey and the ladder's numbers, day range by day range.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::chain::{Chain, day, part, rows, run};
use chrono::{Datelike, Days, NaiveDate};

const PIPELINE: &str = "
name: golden
timezone: Asia/Shanghai
currency: CNY
sources:
  leads: {location: leads.ndjson}
  visits: {location: visits.csv}
  orders: {location: orders.csv}
publish: {location: warehouse/, tables: [fct_lifecycle_snapshot, fct_customer_rfm]}
limits: {memory: 1GiB, target_partitions: 1}
";

const LEADS: &str = r#"
{"customer_id": "mei", "branch_id": "SH1", "created_at": "2020-09-11 21:40", "channel": "app"}
{"customer_id": "friend", "branch_id": "SH1", "created_at": "2020-11-15 15:05", "channel": "referral"}
"#;

/// A booking that she cancels and a consultation are no consumption, wherever they fall.
const VISITS: &str = "\
visit_id,customer_id,branch_id,visited_at,department,item_id,kind,status,order_id
V01,mei,SH1,2020-09-12 11:00,skin,lip-hair-removal,consultation,attended,
V02,mei,SH1,2020-09-16 10:30,skin,lip-hair-removal,treatment,attended,A1
V03,mei,SH1,2020-10-13 10:00,skin,photon,package_session,attended,CARD
V04,mei,SH1,2020-11-01 18:30,injection,,review,attended,
V05,mei,SH1,2020-11-15 14:00,skin,photon,package_session,attended,CARD
V06,mei,SH1,2020-12-15 23:40,skin,photon,package_session,attended,CARD
V07,friend,SH1,2020-12-15 23:40,skin,photon,treatment,attended,F1
V08,mei,SH1,2021-01-15 10:00,skin,photon,package_session,attended,CARD
V09,mei,SH1,2021-02-15 10:00,skin,photon,package_session,attended,CARD
V10,mei,SH1,2021-03-20 10:00,skin,photon,package_session,attended,CARD
V11,mei,SH1,2021-05-20 10:00,skin,photon,treatment,cancelled,
V12,mei,SH1,2021-07-20 10:00,skin,photon,treatment,no_show,
";

const ORDERS: &str = "\
order_id,line_no,customer_id,branch_id,paid_at,amount,department,item_id,kind,package_sessions,referrer_id
A1,1,mei,SH1,2020-09-16 10:20,99.00,skin,lip-hair-removal,single,,
CARD,1,mei,SH1,2020-09-16 11:50,1980.00,skin,photon,package,6,
A2,1,mei,SH1,2020-10-13 11:10,3600.00,injection,filler,single,,
A2,2,mei,SH1,2020-10-13 11:10,2400.00,injection,botulinum,single,,
A3,1,mei,SH1,2020-11-15 15:30,19800.00,surgery,face-fat-transfer,top_up,,
A3,2,mei,SH1,2020-11-15 15:30,12800.00,surgery,line-lift,top_up,,
F1,1,friend,SH1,2020-12-15 23:50,680.00,skin,photon,single,,mei
";

/// Someone's journey: what is true from each day on, until the next one named.
struct Journey {
    customer: &'static str,
    stages: &'static [(&'static str, &'static str)],
    consumed: &'static [&'static str],
    sessions_left: &'static [(&'static str, i64)],
}

const MEI: Journey = Journey {
    customer: "mei",
    stages: &[
        ("2020-09-11", "potential"),
        ("2020-09-16", "new"),       // her first consumption day
        ("2020-10-13", "effective"), // the second within 90 days
        ("2020-11-01", "active"),    // the third within 120 days; 11-15 is the fourth
        ("2020-12-15", "loyal"),     // the fifth within 180 days
        // The 180 days to 05-13 still begin with 11-15: 11-15, 12-15, 01-15, 02-15, 03-20 are five. Those to 05-14
        // begin with 11-16 and hold four; but the 120 days to 05-14 begin with 01-15: 01-15, 02-15, 03-20 are three.
        ("2021-05-14", "active"),
        // The 120 days to 05-15 hold two; the 90 days to 05-15 begin with 02-15, and 02-15 and 03-20 are two.
        ("2021-05-15", "effective"),
        // The 90 days to 05-16 hold 03-20 only, which is 57 days ago.
        ("2021-05-16", "silent"),
        ("2021-06-18", "dormant"), // 90 days after 03-20, when she came last and the card was used up
        ("2021-09-16", "dead"),    // 180 days after 03-20
    ],
    consumed: &[
        "2020-09-16",
        "2020-10-13",
        "2020-11-01",
        "2020-11-15",
        "2020-12-15",
        "2021-01-15",
        "2021-02-15",
        "2021-03-20",
    ],
    sessions_left: &[
        ("2020-09-16", 6),
        ("2020-10-13", 5),
        ("2020-11-15", 4),
        ("2020-12-15", 3),
        ("2021-01-15", 2),
        ("2021-02-15", 1),
        ("2021-03-20", 0),
    ],
};

/// The friend comes once and has no card.
const FRIEND: Journey = Journey {
    customer: "friend",
    stages: &[
        ("2020-11-15", "potential"),
        ("2020-12-15", "new"),
        ("2021-01-15", "silent"),  // 31 days after the only visit
        ("2021-03-15", "dormant"), // 90 days
        ("2021-06-13", "dead"),    // 180 days
    ],
    consumed: &["2020-12-15"],
    sessions_left: &[],
};

/// What holds on `on`: the last of the entries that begin by then.
fn in_force<T: Copy>(entries: &[(&str, T)], on: NaiveDate) -> Option<T> {
    entries.iter().rev().find(|(from, _)| day(from) <= on).map(|(_, value)| *value)
}

const SHOWN: &[&str] = &[
    "scope",
    "scope_id",
    "customer_id",
    "stage",
    "stage_since",
    "previous_stage",
    "recency_days",
    "package_sessions_left",
];

/// The row of a journey on a day; none before the customer is known.
fn expected(journey: &Journey, on: NaiveDate, scope: &str) -> Option<String> {
    let (since, stage) = journey.stages.iter().rev().find(|(since, _)| day(since) <= on)?;
    let opening = on.with_day(1).expect("a day") - Days::new(1);
    let previous_stage = in_force(journey.stages, opening).unwrap_or("-");
    let last = journey.consumed.iter().map(|text| day(text)).rfind(|consumed| *consumed <= on);
    let recency = last.map_or("-".to_owned(), |last| (on - last).num_days().to_string());
    let left = in_force(journey.sessions_left, on).unwrap_or(0);
    Some(format!("{scope} {} {stage} {since} {previous_stage} {recency} {left}", journey.customer))
}

fn golden() -> Chain {
    let chain = Chain::new(PIPELINE);
    chain.write("leads.ndjson", LEADS);
    chain.write("visits.csv", VISITS);
    chain.write("orders.csv", ORDERS);
    chain
}

/// The rows of a table as a run of that day alone publishes them.
fn published(chain: &Chain, on: NaiveDate, table: &str, columns: &[&str]) -> Vec<String> {
    let mut pipeline = chain.pipeline();
    pipeline.publish.location.path += &format!("{on}/");
    run(&pipeline, on).unwrap_or_else(|error| panic!("{on}: {error}"));
    rows(&part(&chain.path(&format!("warehouse/{on}")), table, on), columns)
}

/// Does `check` for every day, on all cores; its complaints in the order of the days.
fn on_each_day(days: &[NaiveDate], check: impl Fn(NaiveDate) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let complaints = Mutex::new(Vec::new());
    let work = || {
        while let Some(on) = days.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(complaint) = check(*on) {
                complaints.lock().expect("a lock").push((*on, complaint));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let mut complaints = complaints.into_inner().expect("a lock");
    complaints.sort();
    complaints.into_iter().map(|(_, complaint)| complaint).collect()
}

/// The days on which something begins, in a journey or with a month, and those beside them; all where `RFMART_EVERY_DAY` is
/// set.
fn days() -> Vec<NaiveDate> {
    let journeys = [&MEI, &FRIEND];
    let stages = journeys.iter().flat_map(|journey| journey.stages).map(|(from, _)| *from);
    let consumed = journeys.iter().flat_map(|journey| journey.consumed).copied();
    let sessions = journeys.iter().flat_map(|journey| journey.sessions_left).map(|(from, _)| *from);
    let begins: Vec<NaiveDate> = stages.chain(consumed).chain(sessions).map(day).collect();
    let is_beside = |date: &NaiveDate| begins.iter().any(|begin| (*date - *begin).num_days().abs() <= 1);
    let is_wanted = |date: &NaiveDate| is_beside(date) || date.day() == 1 || env::var_os("RFMART_EVERY_DAY").is_some();
    let days: Vec<NaiveDate> = day("2020-09-11").iter_days().take_while(|date| *date <= day("2021-09-30")).collect();
    assert_eq!(days.len(), 385);
    days.into_iter().filter(is_wanted).collect()
}

#[test]
fn the_golden_customer_is_in_the_stage_of_each_day() {
    let chain = golden();
    let before = run(&chain.pipeline(), day("2020-09-10")).err().expect("a refusal").to_string();
    assert!(before.starts_with("nobody is known by 2020-09-10"), "{before}");
    let complaints = on_each_day(&days(), |on| {
        let found = published(&chain, on, "fct_lifecycle_snapshot", SHOWN);
        // Rows stand in the order of scope groups and ids: the branch, the chain; `friend`, `mei`.
        let scopes = ["branch SH1", "chain *"];
        let wanted: Vec<String> = scopes
            .iter()
            .flat_map(|scope| [&FRIEND, &MEI].map(|journey| expected(journey, on, scope)))
            .flatten()
            .collect();
        (found != wanted).then(|| format!("{on}\n  expected {wanted:?}\n  found    {found:?}"))
    });
    assert!(complaints.is_empty(), "{} days differ:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_golden_customer_is_beyond_recall_after_360_days() {
    let chain = golden();
    let columns = &["scope", "customer_id", "recency_days", "stage", "is_beyond_recall"];
    let mei = |on| {
        let found = published(&chain, day(on), "fct_lifecycle_snapshot", columns);
        found.into_iter().filter(|row| row.contains("mei")).collect::<Vec<_>>()
    };
    assert_eq!(mei("2022-03-14"), ["branch mei 359 dead false", "chain mei 359 dead false"]);
    assert_eq!(mei("2022-03-15"), ["branch mei 360 dead true", "chain mei 360 dead true"]);
}

#[test]
fn the_golden_customers_department_is_where_most_money_went_on_the_latest_day() {
    let chain = golden();
    let columns = &["scope", "customer_id", "department", "recency_days", "frequency", "monetary"];
    let mei = |on| {
        let found = published(&chain, day(on), "fct_customer_rfm", columns);
        found.into_iter().filter(|row| row.starts_with("chain mei")).collect::<Vec<_>>()
    };
    assert_eq!(mei("2020-10-12"), ["chain mei skin 26 1 2079.00"]);
    assert_eq!(mei("2020-10-13"), ["chain mei injection 0 2 8079.00"], "a free card session and 6000 of injections");
    assert_eq!(mei("2020-11-15"), ["chain mei surgery 0 4 40679.00"]);
    assert_eq!(mei("2020-12-15"), ["chain mei skin 0 5 40679.00"]);
    // The window of 365 days to 2021-09-15 begins with 09-16, that to 09-16 doesn't hold it any more.
    assert_eq!(mei("2021-09-15"), ["chain mei skin 179 8 40679.00"]);
    assert_eq!(mei("2021-09-16"), ["chain mei skin 180 7 38600.00"]);
}
