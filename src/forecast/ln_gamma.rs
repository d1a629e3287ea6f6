//! The logarithm of the gamma function.

/// ln Γ(z) of a z above 0, to some 14 digits.
///
/// Stirling's series (Abramowitz and Stegun, 6.1.41) where z is at least 10; below, Γ(z + 1) = z Γ(z) leads there.
pub fn ln_gamma(z: f64) -> f64 {
    /// Bernoulli numbers B₂ₖ over 2k (2k − 1), from the last on.
    const SERIES: [f64; 6] = [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    let (mut z, mut product) = (z, 1.0);
    while z < 10.0 {
        product *= z;
        z += 1.0;
    }
    let square = (z * z).recip();
    let tail = SERIES.iter().fold(0.0, |sum, term| sum * square + term) / z;
    (z - 0.5) * z.ln() - z + 0.5 * std::f64::consts::TAU.ln() + tail - product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_and_the_root_of_pi() {
        let factorial = |n: u32| (1..n).map(|k| f64::from(k).ln()).sum::<f64>();
        for n in 1..60 {
            assert!((ln_gamma(f64::from(n)) - factorial(n)).abs() < 1e-12, "{n}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.ln() / 2.0).abs() < 1e-13);
        assert!((ln_gamma(1e-3) - 6.907_178_885_383_853).abs() < 1e-12);
    }
}
