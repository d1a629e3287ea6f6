//! Risk bands: each begins where policy says.

use super::{night, sales, shop};

fn bands(policy: &str, lines: &[&str], risk: &str) -> Vec<String> {
    let columns = &["customer_id", "stage", risk, "risk_band"];
    night(&shop(policy, &[sales(lines)]), "2026-11-21").chain("fct_lifecycle_snapshot", columns)
}

#[test]
fn bands_of_silence_begin_where_policy_says() {
    // Ten days between visits: the risk is (R + 10) / (R + 10 + 90).
    let lines = [
        "a N 2026-11-01 1",
        "a N 2026-11-11 1",
        "b N 2026-09-22 1",
        "b N 2026-10-02 1",
        "c N 2026-08-13 1",
        "c N 2026-08-23 1",
        "c N 2026-09-02 1",
    ];
    let bands = |policy| bands(policy, &lines, "silence_risk");
    assert_eq!(bands(""), ["a effective 0.18181818181818182 low", "b effective 0.4 medium", "c active 0.5 high"]);
    assert_eq!(
        bands("policy: {risk: {silence: {medium: 0.18, high: 0.400001}}}"),
        ["a effective 0.18181818181818182 medium", "b effective 0.4 medium", "c active 0.5 high"]
    );
    assert_eq!(
        bands("policy: {risk: {silence: {medium: 0.45, high: 0.51}, churn: {medium: 0.1, high: 0.2}}}"),
        ["a effective 0.18181818181818182 low", "b effective 0.4 low", "c active 0.5 medium"]
    );
}

#[test]
fn bands_of_churn_begin_where_policy_says() {
    // Of those who were silent 90 days ago, d came back.
    let lines = [
        "a N 2026-07-20 1",
        "b N 2026-10-01 1",
        "c N 2026-08-01 1",
        "c N 2026-08-11 1",
        "d N 2026-07-01 1",
        "d N 2026-10-21 1",
    ];
    let bands = |policy| bands(policy, &lines, "churn_risk");
    let [a, b] = ["a dormant 0.7756813417190775", "b silent 0.676737160120846"];
    let [c, d] = ["c dormant 0.7374233128834355", "d silent 0.6619273301737757"];
    let expected = |bands: [&str; 4]| {
        [a, b, c, d].into_iter().zip(bands).map(|(row, band)| format!("{row} {band}")).collect::<Vec<_>>()
    };
    assert_eq!(bands(""), expected(["high", "medium", "medium", "medium"]));
    let told = bands("policy: {risk: {churn: {medium: 0.67, high: 0.7}}}");
    assert_eq!(told, expected(["high", "medium", "high", "low"]));
    let told = bands("policy: {risk: {churn: {high: 0.8}, silence: {medium: 0.1, high: 0.2}}}");
    assert_eq!(told, expected(["medium"; 4]));
}
