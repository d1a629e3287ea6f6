//! The eight value segments.

use super::{csv, night, sales, shop};

/// Two values of each metric, four customers with each: the worse score 1, the better 3, the mean is 2.
const EIGHT: &[&str] = &[
    "hhh N 2026-11-20 500",
    "hhh N 2026-10-01 500",
    "hhl N 2026-11-20 50",
    "hhl N 2026-10-01 50",
    "hlh N 2026-11-20 1000",
    "hll N 2026-11-20 100",
    "lhh N 2026-10-10 500",
    "lhh N 2026-10-01 500",
    "lhl N 2026-10-10 50",
    "lhl N 2026-10-01 50",
    "llh N 2026-10-10 1000",
    "lll N 2026-10-10 100",
];

#[test]
fn each_of_the_eight_segments_is_high_or_low_by_the_mean_score() {
    let night = night(&shop("", &[sales(EIGHT)]), "2026-11-21");
    let columns = &["customer_id", "rfm_cell", "segment", "low_value_high_activity"];
    assert_eq!(
        night.chain("fct_customer_rfm", columns),
        [
            "hhh 333 HHH false",
            "hhl 331 HHL true",
            "hlh 313 HLH false",
            "hll 311 HLL false",
            "lhh 133 LHH false",
            "lhl 131 LHL true",
            "llh 113 LLH false",
            "lll 111 LLL false",
        ]
    );
}

#[test]
fn nobody_comes_often_who_came_once_or_not_at_all() {
    // Where everybody came once, everybody's frequency is as high as the mean; so is that of who came long ago.
    let lines = ["few N 2026-11-01 5", "many N 2026-11-01 50", "old N 2025-01-01 500"];
    let night = night(&shop("", &[sales(&lines)]), "2026-11-21");
    let columns = &["customer_id", "frequency", "is_frequency_high", "is_monetary_high", "low_value_high_activity"];
    assert_eq!(
        night.chain("fct_customer_rfm", columns),
        ["few 1 true false false", "many 1 true true false", "old 0 true false false"]
    );
}

#[test]
fn segments_bear_the_names_that_the_policy_picks() {
    let names = |settings: &str| {
        let night = night(&shop(settings, &[sales(&EIGHT[..1])]), "2026-11-21");
        night.rows("dim_segment", &["segment", "name_zh_hant", "sort_order"])
    };
    let articles = names("");
    assert_eq!(
        articles,
        [
            "HHH 重要價值 1",
            "HHL 一般價值 5",
            "HLH 重要發展 2",
            "HLL 一般發展 6",
            "LHH 重要挽留 3",
            "LHL 一般挽留 7",
            "LLH 重要保持 4",
            "LLL 一般保持 8"
        ]
    );
    // Textbooks swap 保持 and 挽留.
    let swapped: Vec<String> =
        articles.iter().map(|row| row.replace("挽留", "x").replace("保持", "挽留").replace('x', "保持")).collect();
    assert_eq!(names("policy: {segment_names: textbook}"), swapped);
}

/// Orders of an item each, written as `customer day amount item`.
fn items(lines: &[&str]) -> (&'static str, String) {
    let orders = (1..).zip(lines).map(|(number, line)| format!("O{number},N,{}", line.replace(' ', ",")));
    csv("orders", "order_id,branch_id,customer_id,paid_at,amount,item_id", orders)
}

#[test]
fn an_items_buyers_have_the_segment_of_now_and_who_left_it_that_of_the_opening() {
    let lines = [
        "old 2026-09-01 1 ZINC",
        "left 2026-10-01 900 BOTOX",
        "left 2026-11-02 1 ACID",
        "late 2026-10-30 900 BOTOX", // after the day that is compared up to
        "stays 2026-10-02 100 BOTOX",
        "stays 2026-11-09 100 BOTOX",
        "free 2026-11-09 0 BOTOX",
    ];
    let chain = shop("", &[items(&lines)]);
    let night = night(&chain, "2026-11-10");
    assert_eq!(
        night.rows("fct_item_segment", &["item_id", "segment", "buyers", "left_buyers"]),
        ["ACID HHH 1 0", "BOTOX HHH 1 0", "BOTOX LHH 0 1"],
        "who left is HHH by now"
    );
    assert_eq!(
        night.rows("fct_item_performance", &["item_id", "buyers", "previous_buyers", "left_buyers"]),
        ["ACID 1 0 0", "BOTOX 1 2 1"]
    );
}
