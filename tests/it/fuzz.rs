//! Whatever stands in a file, reading it ends with rows or with an error that people can act on: no panic, no defect, no
//! message that goes on for pages.
//!
//! Good texts are changed at random, again and again, from a seed, so that a failure can be had again.
//! `RFMART_FUZZ_ROUNDS=100000 RFMART_FUZZ_SEED=7 scripts/cargo.sh test fuzz` looks longer, and elsewhere;
//! `scripts/fuzz.sh` has libFuzzer look for texts that take other ways through the code.

mod looks;

use std::panic::{AssertUnwindSafe, catch_unwind};

use looks::look;
use rfmart::publish::Commit;

/// Rounds of each kind unless told.
const ROUNDS: u64 = 300;

/// What readers, dates and numbers may stumble over.
const WORDS: &[&str] = &[
    "\0",
    "\"",
    "'",
    "\n",
    "\r\n",
    ",",
    ";",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "| ",
    "? ",
    "%",
    "#",
    "${",
    "${A:-b}",
    "!!int ",
    "null",
    "~",
    "true",
    "NaN",
    "-0",
    "1e400",
    "9999999999.99",
    "18446744073709551616",
    "0x1F",
    "1,234.50",
    "１２３",
    "-",
    "+",
    "(",
    ")",
    "/*",
    "--",
    "case ",
    " end",
    "select ",
    " from ",
    "with ",
    "union all ",
    "::",
    "||",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "24:00",
    "+99:99",
    "113/11/05",
    "民國",
    "%Ey",
    "%Q",
    "\u{feff}",
    "\u{202e}",
    "👩\u{200d}⚕️",
    "\u{fffd}",
    "\\u0000",
    "\\",
    "  ",
];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Numbers that look random (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % (limit.max(1) as u64)) as usize
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    /// A part of `text`, mostly short.
    fn part(&mut self, text: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(text.len());
        let most = if self.below(4) == 0 { text.len() - start } else { (text.len() - start).min(16) };
        start..start + self.below(most + 1)
    }

    /// One of `good`, changed in a few places.
    fn changed(&mut self, good: &[&str]) -> Vec<u8> {
        let mut text = self.pick(good).as_bytes().to_vec();
        for _ in 0..=self.below(6) {
            let place = self.below(text.len() + 1);
            match self.below(7) {
                0 => drop(text.splice(place..place, self.pick(WORDS).bytes())),
                1 => {
                    let part = self.part(&text);
                    text.splice(part, self.pick(WORDS).bytes());
                }
                2 => drop(text.drain(self.part(&text))),
                3 => {
                    let part = text[self.part(&text)].to_vec();
                    text.splice(place..place, part.repeat(1 + self.below(300)));
                }
                4 => {
                    let other = self.pick(good).as_bytes();
                    let part = other[self.part(other)].to_vec();
                    text.splice(place..place, part);
                }
                5 => text.truncate(place),
                _ => {
                    if let Some(byte) = text.get_mut(place) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        text
    }
}

/// Reads changed texts of a kind, and tells which one it panics at.
fn fuzz(name: &str, rounds: u64) {
    let look = look(name).expect("a kind of text");
    look.good.iter().for_each(|text| (look.read)(text.as_bytes()));
    let seed = setting("RFMART_FUZZ_SEED", 1);
    for round in 0..setting("RFMART_FUZZ_ROUNDS", rounds) {
        let text = Dice(seed.wrapping_mul(1 << 32).wrapping_add(round)).changed(look.good);
        let read = catch_unwind(AssertUnwindSafe(|| (look.read)(&text)));
        assert!(read.is_ok(), "seed {seed}, round {round}:\n{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn a_pipeline_file_is_read_or_refused() {
    fuzz("pipeline", ROUNDS);
}

#[test]
fn an_expression_is_planned_or_refused() {
    fuzz("expression", ROUNDS);
}

#[test]
fn a_query_is_read_or_refused() {
    fuzz("query", ROUNDS);
}

#[test]
fn a_sidecar_is_read_or_refused() {
    fuzz("sidecar", ROUNDS / 10);
}

#[test]
fn a_csv_is_read_or_refused() {
    fuzz("csv", ROUNDS);
}

#[test]
fn json_lines_are_read_or_refused() {
    fuzz("ndjson", ROUNDS);
}

#[test]
fn a_date_is_one_or_not() {
    fuzz("date", ROUNDS);
}

#[test]
fn a_format_of_dates_is_one_or_not() {
    fuzz("date_format", ROUNDS);
}

#[test]
fn a_commit_record_is_read_or_told_to_be_damaged() {
    fuzz("commit", ROUNDS);
}

#[test]
fn the_good_commit_record_is_one() {
    let good = look("commit").expect("a kind of text").good;
    assert!(good.iter().all(|text| serde_json::from_str::<Commit>(text).is_ok()));
}
