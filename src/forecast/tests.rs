//! What made customers up is found again.

use super::made_up::{histories, spendings};
use super::*;

fn assert_near(found: &[f64], truth: &[f64]) {
    for (one, other) in found.iter().zip(truth) {
        assert!((one / other - 1.0).abs() < 0.1, "{found:?} is far from {truth:?}");
    }
}

#[test]
fn rates_and_losses_are_found_again() {
    let mut rows: Vec<_> = histories(6000, [1, 1, 4], 120.0).into_iter().map(|history| (history, 1)).collect();
    let bg_nbd::Parameters { r, alpha, a, b } = bg_nbd::fit(&mut rows).parameters().expect("a fit");
    assert_near(&[r, alpha, a / (a + b)], &[1.0, 120.0, 0.2]);
}

#[test]
fn spending_is_found_again() {
    let mut rows: Vec<_> = spendings(6000, [5, 4], 3000.0).into_iter().map(|spending| (spending, 1)).collect();
    let gamma_gamma::Parameters { p, q, v } = gamma_gamma::fit(&mut rows).parameters().expect("a fit");
    assert_near(&[p, q, v], &[5.0, 4.0, 3000.0]);
}

#[test]
fn counts_become_numbers_exactly() {
    for count in [0, 1, -1, -5_000_000_000, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_992] {
        assert_eq!(format!("{:.0}", real(count)), count.to_string());
    }
}
