//! Customers by the models' own stories, for tests.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{bg_nbd, gamma_gamma};

/// A gamma variable of a whole shape and rate 1: a sum of waits.
fn gamma(shape: u32, chance: &mut ChaCha8Rng) -> f64 {
    (0..shape).map(|_| -(1.0 - chance.random::<f64>()).ln()).sum()
}

fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().expect("a number")
}

/// Customers who come and are lost by r, a, b and alpha, known for up to 1,000 days.
pub fn histories(customers: usize, [r, a, b]: [u32; 3], alpha: f64) -> Vec<bg_nbd::History> {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut one = || {
        let rate = gamma(r, &mut chance) / alpha;
        let (lost, kept) = (gamma(a, &mut chance), gamma(b, &mut chance));
        let tenure = 300.0 + chance.random::<f64>() * 700.0;
        let (mut day, mut last, mut repeats) = (0.0, 0.0, 0);
        loop {
            day += gamma(1, &mut chance) / rate;
            if day > tenure {
                break;
            }
            (last, repeats) = (day, repeats + 1);
            if chance.random::<f64>() < lost / (lost + kept) {
                break;
            }
        }
        bg_nbd::History { repeat_days: repeats, span_days: whole(last), tenure_days: whole(tenure) }
    };
    (0..customers).map(|_| one()).collect()
}

/// Customers of one to five days who spend by p, q and v.
pub fn spendings(customers: u32, [p, q]: [u32; 2], v: f64) -> Vec<gamma_gamma::Spending> {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut one = |repeat_days: u32| {
        let scale = gamma(q, &mut chance) / v;
        let money = gamma(p * repeat_days, &mut chance) / scale;
        gamma_gamma::Spending { repeat_days: repeat_days.into(), repeat_cents: whole(100.0 * money) }
    };
    (0..customers).map(|number| one(1 + number % 5)).collect()
}
