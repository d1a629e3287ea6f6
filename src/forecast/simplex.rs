//! The least of a smooth function of few variables, by the simplex of Nelder and Mead (1965).

/// Steps after which a search has failed; one of four variables takes some two hundred.
const MOST_STEPS: usize = 3000;
/// Two searches, the second from where the first ends: a simplex can flatten on its way and stop short of the least, and a
/// fresh one goes on. Of each the size of the first corners' steps, and how close the last ones have to be.
const SEARCHES: [(f64, f64); 2] = [(0.5, 1e-4), (0.02, 1e-7)];

type Corner<const N: usize> = (f64, [f64; N]);

/// Where `function` is least, from `start` on; nothing if the search doesn't come to rest.
pub fn least<const N: usize>(start: [f64; N], mut function: impl FnMut(&[f64; N]) -> f64) -> Option<[f64; N]> {
    // What can't be worked out is worse than everything.
    let mut value = |place: [f64; N]| {
        let value = function(&place);
        (if value.is_nan() { f64::INFINITY } else { value }, place)
    };
    SEARCHES.into_iter().try_fold(start, |start, sizes| search(start, sizes, &mut value))
}

fn search<const N: usize>(
    start: [f64; N],
    (first_step, tolerance): (f64, f64),
    value: &mut impl FnMut([f64; N]) -> Corner<N>,
) -> Option<[f64; N]> {
    let mut corners = vec![value(start)];
    for changed in 0..N {
        let step = |axis: usize| if axis == changed { first_step } else { 0.0 };
        corners.push(value(combine(|axis| Some(start.get(axis)? + step(axis)))));
    }
    for _ in 0..MOST_STEPS {
        corners.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (best, last, worst) = (*corners.first()?, *corners.get(N - 1)?, corners.pop()?);
        if spread(&corners, &worst, &best) < tolerance {
            return best.0.is_finite().then_some(best.1);
        }
        match better(&corners, &worst, best.0, last.0, value) {
            Some(corner) => corners.push(corner),
            None => {
                corners.push(worst);
                for corner in corners.iter_mut().skip(1) {
                    *corner = value(between(&best.1, &corner.1, 0.5));
                }
            }
        }
    }
    None
}

/// The corner that takes the place of the worst: beyond the middle of the others, farther, nearer, or on this side of it.
fn better<const N: usize>(
    others: &[Corner<N>],
    worst: &Corner<N>,
    best: f64,
    last: f64,
    value: &mut impl FnMut([f64; N]) -> Corner<N>,
) -> Option<Corner<N>> {
    let count = f64::from(u32::try_from(others.len()).ok()?);
    let middle: [f64; N] =
        combine(|axis| Some(others.iter().filter_map(|(_, place)| place.get(axis)).sum::<f64>() / count));
    let reflected = value(between(&middle, &worst.1, -1.0));
    if reflected.0 < best {
        let farther = value(between(&middle, &worst.1, -2.0));
        return Some(if farther.0 < reflected.0 { farther } else { reflected });
    }
    if reflected.0 < last {
        return Some(reflected);
    }
    let (side, bound) = if reflected.0 < worst.0 { (-0.5, reflected.0) } else { (0.5, worst.0) };
    let nearer = value(between(&middle, &worst.1, side));
    (nearer.0 < bound).then_some(nearer)
}

/// From `one` a `share` of the way to `other`.
fn between<const N: usize>(one: &[f64; N], other: &[f64; N], share: f64) -> [f64; N] {
    combine(|axis| {
        let (one, other) = (one.get(axis)?, other.get(axis)?);
        Some(one + share * (other - one))
    })
}

fn combine<const N: usize>(each: impl Fn(usize) -> Option<f64>) -> [f64; N] {
    std::array::from_fn(|axis| each(axis).unwrap_or(f64::NAN))
}

/// The greatest distance, along any axis, of a corner from the best one.
fn spread<const N: usize>(others: &[Corner<N>], worst: &Corner<N>, best: &Corner<N>) -> f64 {
    let distances = others.iter().chain([worst]).flat_map(|(_, place)| place.iter().zip(&best.1));
    distances.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_valley_is_followed_to_its_end() {
        let rosenbrock = |[x, y]: &[f64; 2]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let [x, y] = least([-1.2, 1.0], rosenbrock).expect("a least");
        assert!((x - 1.0).abs() < 1e-5 && (y - 1.0).abs() < 1e-5, "{x} {y}");
    }

    #[test]
    fn a_slope_without_an_end_has_no_least() {
        assert_eq!(least([0.0, 0.0], |[x, y]| x - y), None);
        assert_eq!(least([0.0], |_| f64::NAN), None);
    }
}
