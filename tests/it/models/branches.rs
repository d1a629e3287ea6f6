//! Branches side by side, to the last bit.

use super::{night, sales, shop};

#[test]
fn a_mean_is_that_of_the_exact_sum() {
    let night = night(
        &shop("", &[sales(&["a N 2026-11-01 0.10", "b S 2026-11-01 0.20", "c E 2026-11-01 0.30"])]),
        "2026-11-21",
    );
    // 0.60 / 3. As floats they sum up to 0.6 or 0.6000000000000001, as the order of rows would have it.
    let mean = "0.19999999999999998";
    assert_eq!(
        night.rows_where("metric", "revenue", "fct_branch_comparison", &["branch_id", "chain_mean"]),
        ["E", "N", "S"].map(|branch| format!("{branch} {mean}"))
    );
}
