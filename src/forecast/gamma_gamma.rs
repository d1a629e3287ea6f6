//! Gamma-Gamma: what a customer spends on a day on which they come.
//!
//! Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013), after Fader, Hardie and Lee (2005). The money of a
//! customer's days is spread as Gamma(p, ν), ν over customers as Gamma(q, γ); γ is `v` here. As there, the first day is left
//! out, and who brought nothing since can't be told by it.

use super::ln_gamma::ln_gamma;
use super::sample::counted;
use super::{LEAST_RETURNED, Outcome, real, simplex};

/// A customer who came back, as far as the model looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spending {
    /// Days on which they came, but for the first: x; one at least.
    pub repeat_days: i64,
    /// Hundredths of the currency since the first day; above 0.
    pub repeat_cents: i64,
}

/// The chain's parameters; money in units of the currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Shape of a day's money.
    pub p: f64,
    /// Shape of its spread over customers; above 1, or there is no mean.
    pub q: f64,
    /// Scale of that.
    pub v: f64,
}

/// A row of the likelihood: x, the money per day, and how many customers.
type Row = (f64, f64, f64);

/// The likeliest parameters of what customers spent and how many spent that. Others than [`Spending`] asks for are left out.
pub fn fit(rows: &mut Vec<(Spending, i64)>) -> Outcome<Parameters> {
    rows.retain(|(spending, _)| spending.repeat_days > 0 && spending.repeat_cents > 0);
    if rows.iter().map(|row| row.1).sum::<i64>() < LEAST_RETURNED {
        return Outcome::TooFewCustomers;
    }
    let rows: Vec<Row> = counted(rows)
        .into_iter()
        .map(|row| {
            let days = real(row.history.repeat_days);
            (days, real(row.history.repeat_cents) / 100.0 / days, row.customers)
        })
        .collect();
    let customers: f64 = rows.iter().map(|row| row.2).sum();
    let mean = rows.iter().map(|(_, money, customers)| money * customers).sum::<f64>() / customers;
    // Logarithms, so that every parameter is above 0; v in mean days, so that all are of one size.
    let parameters = |place: &[f64; 3]| {
        let [p, q, v] = place.map(f64::exp);
        Parameters { p, q, v: v * mean }
    };
    let place = simplex::least([1.0, 1.0, 0.0], |place| -log_likelihood(&rows, parameters(place)) / customers);
    let found = place.filter(|place| place.iter().all(|logarithm| logarithm.abs() < MOST_LOGARITHM));
    match found.map(|place| parameters(&place)).filter(|parameters| parameters.q > 1.0) {
        Some(parameters) => Outcome::Fitted(parameters),
        None => Outcome::NotConverged,
    }
}

/// A parameter beyond e to this power isn't one.
const MOST_LOGARITHM: f64 = 9.0;

/// The logarithm of the note's likelihood (equation 1a). Rows are in order of x, so what depends on it alone is kept.
fn log_likelihood(rows: &[Row], Parameters { p, q, v }: Parameters) -> f64 {
    let shared = q * v.ln() - ln_gamma(q);
    let (mut of_days, mut last) = (0.0, 0.0_f64);
    let mut sum = 0.0;
    for &(days, money, customers) in rows {
        if days.total_cmp(&last).is_ne() {
            of_days = shared + ln_gamma(p * days + q) - ln_gamma(p * days) + p * days * days.ln();
            last = days;
        }
        sum += customers * (of_days + (p * days - 1.0) * money.ln() - (p * days + q) * (v + days * money).ln());
    }
    sum
}

impl Parameters {
    /// What a day of a customer is expected to bring who came on `repeat_days` days since the first, and brought so many
    /// hundredths on them; in units of the currency. Less than nothing counts as nothing.
    pub fn expected_money(&self, repeat_days: i64, repeat_cents: i64) -> f64 {
        let money = real(repeat_cents.max(0)) / 100.0;
        self.p * (self.v + money) / (self.p * real(repeat_days) + self.q - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The note's own figures of CDNOW.
    const CDNOW: Parameters = Parameters { p: 6.25, q: 3.74, v: 15.44 };

    #[test]
    fn a_days_money_lies_between_ones_own_and_everybodys() {
        // The note's example: 7 days of 35.17 give about 36.
        assert!((CDNOW.expected_money(0, 0) - 35.22).abs() < 0.01);
        let found = CDNOW.expected_money(3, 3 * 5000);
        assert!((35.22..50.0).contains(&found), "{found}");
        assert!(CDNOW.expected_money(3, -100) > 0.0);
    }

    #[test]
    fn few_who_paid_have_no_parameters() {
        let free = (Spending { repeat_days: 2, repeat_cents: 0 }, 5000);
        let mut few = vec![free, (Spending { repeat_days: 2, repeat_cents: 100 }, LEAST_RETURNED - 1)];
        assert_eq!(fit(&mut few), Outcome::TooFewCustomers);
        let mut equal = vec![(Spending { repeat_days: 2, repeat_cents: 100 }, 5000)];
        assert_eq!(fit(&mut equal), Outcome::NotConverged, "all the same: the shapes have no bounds");
    }
}
