//! Whole nights over a store that refuses, forgets its answers, damages, shortens and repeats what it is asked for, and
//! kills or suspends the runs that ask. After each run what is promised must hold (docs/reliability.md).
//!
//! `RFMART_SIMULATED_NIGHTS` says how many runs there are to be, `RFMART_SIMULATED_SEED` replays one history.

mod chain;
mod dice;
mod history;
mod reader;
mod store;

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chain::Truth;
use history::{History, Told};

/// Runs where nobody says how many.
const NIGHTS: usize = 100;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn live(seed: u64, truth: &Truth) -> Told {
    block_on(History::new(seed, truth).live())
}

#[test]
#[allow(clippy::print_stdout, reason = "who replays a history, or runs many, wants to see it")]
fn whatever_fails_at_night_readers_see_whole_snapshots_and_the_days_come_out_the_same() {
    let truth = Truth::default();
    if let Some(seed) = number("RFMART_SIMULATED_SEED") {
        let told = live(seed, &truth);
        println!("{}", told.log.join("\n"));
        assert_eq!(told.broken, None, "seed {seed}");
        return;
    }
    let nights = number("RFMART_SIMULATED_NIGHTS").map_or(NIGHTS, |nights| usize::try_from(nights).unwrap());
    let (next, lived) = (AtomicU64::new(1), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    let live_on = || {
        while lived.load(Ordering::Relaxed) < nights && failed.lock().unwrap().is_empty() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let told = live(seed, &truth);
            lived.fetch_add(told.runs, Ordering::Relaxed);
            if let Some(broken) = told.broken {
                failed.lock().unwrap().push(format!("seed {seed}: {broken}\n{}", told.log.join("\n")));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(live_on))));
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "RFMART_SIMULATED_SEED replays it: {}", failed.join("\n\n"));
    println!("{} runs of {} histories", lived.into_inner(), next.into_inner() - 1);
}

#[test]
fn a_night_that_was_suspended_anywhere_takes_nothing_from_a_rival_and_says_so() {
    let truth = Truth::default();
    let suspended = |request| block_on(History::new(1, &truth).live_suspended(request));
    let mut nights = 0;
    while let Some(told) = suspended(nights) {
        assert_eq!(told.broken, None, "before request {nights}:\n{}", told.log.join("\n"));
        nights += 1;
    }
    assert!(nights > 20, "a night asks for more: {nights}");
}

#[test]
fn a_night_whose_listing_lacks_an_object_publishes_the_day_as_it_is_and_takes_nothing_away_or_fails() {
    let truth = Truth::default();
    let (mut from, mut listings) = (0, 0);
    // A history with tables of customers, for those tell that rows are missing.
    while let Some((told, request)) = block_on(History::new(5, &truth).live_misled(from)) {
        assert_eq!(told.broken, None, "at request {request}:\n{}", told.log.join("\n"));
        (from, listings) = (request + 1, listings + 1);
    }
    assert!(listings > 3, "a night asks for more: {listings}");
}
