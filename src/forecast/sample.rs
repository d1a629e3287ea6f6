//! Rows of counted customers, brought together so that a likelihood costs the same for every chain.

use super::real;

/// Rows beyond which some stand for their neighbours.
const MOST_ROWS: i64 = 20_000;

/// A history, and how many customers have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted<H> {
    /// What they have in common.
    pub history: H,
    /// How many they are, or how many it stands for.
    pub customers: f64,
}

/// The histories, each once and ascending. If they are more than [`MOST_ROWS`], customers are lined up by their history,
/// and at equal steps one stands for those around: closer to the whole than a draw, and the same in any order of rows.
pub fn counted<H: Ord + Copy>(rows: &mut [(H, i64)]) -> Vec<Counted<H>> {
    rows.sort_unstable();
    let mut merged: Vec<(H, i64)> = Vec::new();
    for &(history, customers) in rows.iter() {
        match merged.last_mut() {
            Some((known, sum)) if *known == history => *sum += customers,
            _ => merged.push((history, customers)),
        }
    }
    let is_small = i64::try_from(merged.len()).is_ok_and(|rows| rows <= MOST_ROWS);
    let step = if is_small { 1.0 } else { real(merged.iter().map(|row| row.1).sum()) / real(MOST_ROWS) };
    let mut counted = Vec::new();
    let (mut passed, mut taken) = (0, 0.0);
    for (history, customers) in merged {
        passed += customers;
        // How many steps' middles lie before the end of this row's customers.
        let until = if is_small { real(passed) } else { (real(passed) / step + 0.5).floor() };
        if until > taken {
            counted.push(Counted { history, customers: (until - taken) * step });
            taken = until;
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_histories_are_one_row_in_any_order() {
        let row = |history, customers| Counted { history, customers };
        assert_eq!(counted(&mut [(7, 1), (3, 2), (7, 4)]), [row(3, 2.0), row(7, 5.0)]);
        assert_eq!(counted::<i64>(&mut []), []);
    }

    #[test]
    fn many_histories_are_thinned_evenly() {
        let all = 5 * MOST_ROWS;
        let mut rows: Vec<(i64, i64)> = (0..all).map(|history| (history, 1)).chain([(0, all)]).collect();
        let thin = counted(&mut rows);
        let mean = thin.iter().map(|row| real(row.history) * row.customers).sum::<f64>() / real(2 * all);
        assert!(i64::try_from(thin.len()).is_ok_and(|rows| rows <= MOST_ROWS));
        assert!((thin[0].customers / real(all) - 1.0).abs() < 1e-3, "{thin:?}");
        assert!((thin.iter().map(|row| row.customers).sum::<f64>() - real(2 * all)).abs() < 1e-6);
        assert!((mean / (real(all) / 4.0) - 1.0).abs() < 1e-3, "{mean}");
    }
}
