//! What customers will do, from how they came so far: BG/NBD for days to come, Gamma-Gamma for the money of a day.
//!
//! Both are models of a whole chain, fitted by maximum likelihood; a customer's own expectation follows from their history
//! and the chain's parameters. `docs/value_to_come.md` has sources, figures and limits.
//!
//! The search is a simplex of our own ([`simplex`]): four parameters of a smooth function are found in some hundred steps,
//! and a library of optimisers would bring more crates than this has functions. Nothing is drawn at random and every sum
//! has a fixed order, so the same rows give the same bits.

pub mod bg_nbd;
pub mod gamma_gamma;
mod ln_gamma;
#[cfg(test)]
pub mod made_up;
mod sample;
mod simplex;
#[cfg(test)]
mod tests;

/// Customers who came back at least once, below whom nothing is fitted.
pub const LEAST_RETURNED: i64 = 100;

/// What came of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome<P> {
    /// These parameters are the likeliest.
    Fitted(P),
    /// Fewer than [`LEAST_RETURNED`] customers.
    TooFewCustomers,
    /// No parameters are likelier than all others, or none with which the model says anything.
    NotConverged,
}

impl<P> Outcome<P> {
    /// Name in published tables.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Fitted(_) => "fitted",
            Outcome::TooFewCustomers => "too_few_customers",
            Outcome::NotConverged => "not_converged",
        }
    }

    /// The parameters, if there are any.
    pub fn parameters(self) -> Option<P> {
        match self {
            Outcome::Fitted(parameters) => Some(parameters),
            Outcome::TooFewCustomers | Outcome::NotConverged => None,
        }
    }
}

/// A count as a number to reckon with; exact below 2⁵³.
fn real(count: i64) -> f64 {
    let high = i32::try_from(count >> 32).unwrap_or(i32::MAX);
    let low = u32::try_from(count & 0xFFFF_FFFF).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}
