//! BG/NBD: how often customers come, and whether they still do.
//!
//! Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005). While alive a customer comes
//! at a rate of their own, spread over customers as Gamma(r, α); after each day on which they came they are lost with a
//! probability of their own, spread as Beta(a, b).

use super::sample::{Counted, counted};
use super::{LEAST_RETURNED, Outcome, real, simplex};

/// A customer's days, as far as the model looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct History {
    /// Days on which they came, but for the first: x.
    pub repeat_days: i64,
    /// Days from the first to the last: t_x.
    pub span_days: i64,
    /// Days from the first to as_of: T.
    pub tenure_days: i64,
}

/// The chain's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Shape of the rates.
    pub r: f64,
    /// Rate of the rates, in days.
    pub alpha: f64,
    /// Of the probability to be lost.
    pub a: f64,
    /// Of the probability to be lost.
    pub b: f64,
}

/// The likeliest parameters of histories and how many customers have each.
pub fn fit(rows: &mut [(History, i64)]) -> Outcome<Parameters> {
    let returned: i64 = rows.iter().filter(|(history, _)| history.repeat_days > 0).map(|row| row.1).sum();
    if returned < LEAST_RETURNED {
        return Outcome::TooFewCustomers;
    }
    let rows = counted(rows);
    let customers: f64 = rows.iter().map(|row| row.customers).sum();
    let tenure: f64 = rows.iter().map(|row| row.customers * real(row.history.tenure_days)).sum::<f64>() / customers;
    // Logarithms, so that every parameter is above 0; α in mean tenures, so that all are of one size. Where customers are
    // alike in how often they come, or in being lost, parameters grow for ever and say ever less: they are held.
    let parameters = |place: [f64; 4]| {
        let [r, alpha, a, b] = place.map(|logarithm| logarithm.clamp(-MOST_LOGARITHM, MOST_LOGARITHM).exp());
        Parameters { r, alpha: alpha * tenure, a, b }
    };
    let place = simplex::least([0.0, -1.0, 0.0, 0.0], |place| -log_likelihood(&rows, parameters(*place)) / customers);
    // Nobody may ever be lost (a); but a chain whose customers hardly come, or are all lost at once, tells nothing.
    match place.filter(|[r, alpha, _, b]| [r, alpha, b].into_iter().all(|logarithm| *logarithm > -MOST_LOGARITHM)) {
        Some(place) => Outcome::Fitted(parameters(place)),
        None => Outcome::NotConverged,
    }
}

/// A parameter is held between e to this power and its inverse: at 8,103 customers are alike to four digits.
const MOST_LOGARITHM: f64 = 9.0;

/// The logarithm of the paper's likelihood (equation 6). Gamma functions whose arguments are whole steps apart are
/// products, so tables of logarithms up to the greatest count and day are all it takes.
fn log_likelihood(rows: &[Counted<History>], Parameters { r, alpha, a, b }: Parameters) -> f64 {
    let greatest = |of: fn(&History) -> i64| rows.iter().map(|row| of(&row.history)).max().unwrap_or(0);
    let mut sum = r * alpha.ln();
    // By count: what all who came so often share, and what those share who are lost.
    let counts: Vec<(f64, f64)> = (0..=greatest(|history| history.repeat_days))
        .map(|count| {
            let (of_count, count) = (sum, real(count));
            sum += ((r + count) * (b + count) / (a + b + count)).ln();
            (of_count, (a / (b + count - 1.0)).ln())
        })
        .collect();
    let days: Vec<f64> = (0..=greatest(|history| history.tenure_days)).map(|day| (alpha + real(day)).ln()).collect();
    let day = |day| usize::try_from(day).ok().and_then(|day| days.get(day));
    let of_row = |history: &History| {
        let (shared, of_lost) = counts.get(usize::try_from(history.repeat_days).ok()?)?;
        let shape = r + real(history.repeat_days);
        let alive = -shape * day(history.tenure_days)?;
        if history.repeat_days == 0 {
            return Some(shared + alive);
        }
        let lost = of_lost - shape * day(history.span_days)?;
        Some(shared + alive.max(lost) + (-(alive - lost).abs()).exp().ln_1p())
    };
    rows.iter().map(|row| row.customers * of_row(&row.history).unwrap_or(f64::NAN)).sum()
}

impl Parameters {
    /// How likely the customer still comes. Who came once is alive to this model: it loses people on days on which they
    /// come again.
    pub fn alive_probability(&self, history: History) -> f64 {
        if history.repeat_days <= 0 {
            return 1.0;
        }
        let count = real(history.repeat_days);
        let waited = (self.alpha + real(history.tenure_days)) / (self.alpha + real(history.span_days));
        1.0 / (1.0 + self.a / (self.b + count - 1.0) * waited.powf(self.r + count))
    }

    /// On how many of the next `days` the customer is expected to come (equation 10).
    ///
    /// The paper's (a + b + x − 1) / (a − 1) · (1 − (1 − z)^(r + x) ₂F₁(r + x, b + x; a + b + x − 1; z)) cancels where a is
    /// near 1. With both factors written as power series it is the mean of a growing sequence under the weights
    /// (r + x)ₙ zⁿ / n!, in which nothing is taken away from anything.
    pub fn expected_days(&self, history: History, days: i64) -> f64 {
        let count = real(history.repeat_days);
        let shape = self.r + count;
        let z = real(days) / (self.alpha + real(history.tenure_days + days));
        let top = self.b + count;
        let bottom = self.a + top - 1.0;
        let (mut weight, mut weights, mut sum) = (1.0_f64, 1.0, 0.0);
        // Of the sequence: what is reached, and what comes next.
        let (mut reached, mut rise) = (0.0, 1.0);
        let mut n = 0.0;
        loop {
            weight *= (shape + n) / (n + 1.0) * z;
            n += 1.0;
            reached += rise;
            rise *= (top + n - 1.0) / (bottom + n);
            weights += weight;
            sum += weight * reached;
            if weights > LARGE {
                (weight, weights, sum) = (weight / LARGE, weights / LARGE, sum / LARGE);
            }
            // Past their greatest, weights shrink faster than the sequence grows.
            let is_shrinking = (shape + n) * z < n + 1.0;
            if (is_shrinking && weight * reached < sum * 1e-16) || n > MOST_TERMS {
                return self.alive_probability(history) * sum / weights;
            }
        }
    }
}

/// Where sums are made smaller again.
const LARGE: f64 = 1e200;
/// Terms after which the rest of the series is left out. Some hundred do, unless α is next to nothing.
const MOST_TERMS: f64 = 1e6;

#[cfg(test)]
mod tests {
    use super::*;

    const CDNOW: Parameters = Parameters { r: 0.2426, alpha: 4.4136, a: 0.7929, b: 2.4259 };

    fn history(repeat_days: i64, span_days: i64, tenure_days: i64) -> History {
        History { repeat_days, span_days, tenure_days }
    }

    /// The paper's formula with its hypergeometric series as it stands.
    fn by_the_paper(parameters: Parameters, history: History, days: i64) -> f64 {
        let Parameters { r, alpha, a, b } = parameters;
        let (x, until, days) = (real(history.repeat_days), real(history.tenure_days), real(days));
        let z = days / (alpha + until + days);
        let (mut term, mut series) = (1.0, 0.0);
        for n in (0..2000).map(f64::from) {
            series += term;
            term *= (r + x + n) * (b + x + n) / ((a + b + x - 1.0 + n) * (n + 1.0)) * z;
        }
        let come = (a + b + x - 1.0) / (a - 1.0) * (1.0 - (1.0 - z).powf(r + x) * series);
        come * parameters.alive_probability(history)
    }

    #[test]
    fn expected_days_are_the_papers() {
        for days in [1, 39, 365] {
            for history in [history(0, 0, 39), history(0, 0, 0), history(2, 30, 39), history(26, 31, 31)] {
                for parameters in [CDNOW, Parameters { r: 2.0, alpha: 80.0, a: 3.5, b: 0.4 }] {
                    let (ours, theirs) =
                        (parameters.expected_days(history, days), by_the_paper(parameters, history, days));
                    assert!((ours / theirs - 1.0).abs() < 1e-9, "{parameters:?} {history:?} {days}: {ours} {theirs}");
                }
            }
        }
        // The paper's own example: x = 2, t_x = 30.43, T = 38.86, the next 39 weeks: 1.226.
        assert!((CDNOW.expected_days(history(2, 30, 39), 39) - 1.2).abs() < 0.1);
    }

    #[test]
    fn nothing_happens_where_a_is_one() {
        let at = |a| Parameters { a, ..CDNOW }.expected_days(history(3, 20, 39), 365);
        assert!((at(1.0) - f64::midpoint(at(1.0 - 1e-6), at(1.0 + 1e-6))).abs() < 1e-9);
        assert!(at(1.0) > at(1.1));
    }

    #[test]
    fn long_histories_and_long_waits_are_numbers() {
        let parameters = Parameters { r: 5.0, alpha: 1e-3, a: 0.1, b: 30.0 };
        let found = parameters.expected_days(history(3000, 3000, 3000), 365);
        assert!((300.0..380.0).contains(&found), "{found}");
        assert!(parameters.alive_probability(history(3000, 3000, 9000)) < 1e-9);
    }

    #[test]
    fn few_customers_have_no_parameters_and_those_who_hardly_come_neither() {
        let few = &mut [(history(1, 10, 20), LEAST_RETURNED - 1), (history(0, 0, 20), 5000)];
        assert_eq!(fit(few), Outcome::TooFewCustomers);
        let rare = &mut [(history(1, 10, 1000), LEAST_RETURNED), (history(0, 0, 1000), 100_000_000)];
        assert_eq!(fit(rare), Outcome::NotConverged);
    }

    #[test]
    fn customers_who_are_alike_and_never_lost_go_on_as_they_came() {
        let steady = &mut [(history(10, 100, 100), 2000)];
        let parameters = fit(steady).parameters().expect("parameters");
        assert!(parameters.alive_probability(history(10, 100, 100)) > 0.999, "{parameters:?}");
        let days = parameters.expected_days(history(10, 100, 100), 365);
        assert!((days - 36.5).abs() < 0.1, "{days}: {parameters:?}");
    }

    #[test]
    fn customers_who_are_alike_in_being_lost_have_parameters_and_those_foretell() {
        // After each day a tenth is lost, and whoever stays comes every tenth day.
        let (mut rows, mut left) = (Vec::new(), 2000);
        for repeat_days in 1..10 {
            rows.push((history(repeat_days, 10 * repeat_days, 100), left / 10));
            left -= left / 10;
        }
        rows.push((history(10, 100, 100), left));
        let parameters = fit(&mut rows).parameters().expect("parameters");
        let share = parameters.a / (parameters.a + parameters.b);
        assert!((share - 0.1).abs() < 0.02, "{parameters:?}");
    }
}
