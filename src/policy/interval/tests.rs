use super::*;
use proptest::prelude::*;

fn scale(texts: [&str; 5], measure: Measure) -> Result<CutPoints, Vec<Flaw>> {
    let intervals = texts.map(|text| Interval::parse(text, measure).expect("an interval"));
    cut_points(intervals.map(Some), measure)
}

/// Of scores that are told, `-` for those that aren't.
fn part_scale(texts: [&str; 5], measure: Measure) -> Result<[Option<i64>; 4], Vec<String>> {
    let interval = |text| (text != "-").then(|| Interval::parse(text, measure).expect("an interval"));
    let messages = |flaws: Vec<Flaw>| flaws.into_iter().map(|flaw| flaw.message).collect();
    cut_points(texts.map(interval), measure).map(|cuts| cuts.0).map_err(messages)
}

fn flaws(texts: [&str; 5], measure: Measure) -> Vec<String> {
    let flaws = scale(texts, measure).expect_err("flaws");
    flaws.into_iter().map(|flaw| flaw.message).collect()
}

#[test]
fn open_edges_become_closed_ones_on_the_grid() {
    let interval = |low, high| Ok(Interval { low, high });
    assert_eq!(Interval::parse("(30, 35]", Measure::Days), interval(Some(31), Some(35)));
    assert_eq!(Interval::parse("[1000,1500)", Measure::Money), interval(Some(100_000), Some(149_999)));
    assert_eq!(Interval::parse(" < 2.5 ", Measure::Money), interval(None, Some(249)));
    assert_eq!(Interval::parse(">50", Measure::Days), interval(Some(51), None));
    assert_eq!(Interval::parse("7", Measure::Count), interval(Some(7), Some(7)));
}

#[test]
fn text_that_is_no_interval_of_the_metric_is_refused() {
    for text in ["", "about 30", "(3, 3)", "(3, 4", "3, 4", "(3; 4)", "<= 2.5", "[5, 4]", "> 9223372036854775807", "5."]
    {
        assert!(Interval::parse(text, Measure::Days).is_err(), "{text}");
    }
    assert!(Interval::parse("< 0.001", Measure::Money).is_err());
}

#[test]
fn cut_points_are_the_worst_values_that_still_earn_a_score() {
    let days = scale(["> 50", "(40, 50]", "(35, 40]", "(30, 35]", "<= 30"], Measure::Days);
    assert_eq!(days, Ok(CutPoints([50, 40, 35, 30].map(Some))));
    let counts = scale(["<= 1", "(1, 2]", "(2, 4]", "(4, 8]", "> 8"], Measure::Count);
    assert_eq!(counts, Ok(CutPoints([2, 3, 5, 9].map(Some))));
    let money = scale(["< 10", "[10, 20)", "[20, 30)", "[30, 40)", ">= 40"], Measure::Money);
    assert_eq!(money, Ok(CutPoints([1000, 2000, 3000, 4000].map(Some))));
}

#[test]
fn a_score_that_is_left_out_has_the_cut_point_of_the_next_better_one() {
    let days = part_scale(["-", "> 50", "-", "(30, 50]", "<= 30"], Measure::Days);
    assert_eq!(days, Ok([Some(9_999_999), Some(50), Some(50), Some(30)]), "everybody earns a 2");
    let articles = part_scale(["-", "> 40", "-", "(30, 40]", "[0, 30]"], Measure::Days);
    assert_eq!(articles, Ok([Some(9_999_999), Some(40), Some(40), Some(30)]));
    let counts = part_scale(["<= 1", "-", "> 1", "-", "-"], Measure::Count);
    assert_eq!(counts, Ok([Some(2), Some(2), None, None]), "nobody earns more than 3");
    let money = part_scale(["-", "-", "< 10", ">= 10", "-"], Measure::Money);
    assert_eq!(money, Ok([Some(-MAX_VALUE), Some(-MAX_VALUE), Some(1000), None]));
}

#[test]
fn one_score_may_be_everybodys() {
    assert_eq!(part_scale(["-", "-", "-", "-", ">= 0"], Measure::Count), Ok([Some(0); 4]));
    assert_eq!(part_scale([">= 0", "-", "-", "-", "-"], Measure::Days), Ok([None; 4]));
    assert_eq!(
        part_scale(["-", "-", ">= 0", "-", "-"], Measure::Days),
        Ok([Some(MAX_DAYS), Some(MAX_DAYS), None, None])
    );
}

#[test]
fn scores_that_are_left_out_leave_no_value_without_one() {
    let flaws = |texts, measure| part_scale(texts, measure).expect_err("flaws");
    assert_eq!(
        flaws(["-", "-", "-", "-", "> 3"], Measure::Count),
        ["a customer with a frequency of 3 has no frequency score; write a score for the values below 4, too"]
    );
    assert_eq!(
        flaws(["-", "-", "-", "-", "<= 30"], Measure::Days),
        ["a customer whose last visit was 31 days ago has no recency score; \
             write a score for the values above 30, too"]
    );
    assert_eq!(
        flaws(["-", "< 1000", "-", "(1000, 2000)", ">= 2000"], Measure::Money),
        ["a customer with a monetary value of 1000 has no monetary score; \
             write intervals that meet: score 2 ends at 999.99, score 4 begins at 1000.01"]
    );
    assert_eq!(
        flaws(["-", "<= 30", "-", "> 30", "-"], Measure::Days),
        ["score 2 stands where score 4 should, for fewer is better; write score 4 for the fewest days"]
    );
}

#[test]
fn what_is_written_instead_is_in_the_metrics_own_shape() {
    let told = |text: &str, measure| Interval::parse(text, measure).expect_err("a refusal");
    assert_eq!(
        told("about 30", Measure::Days),
        "`about 30` is not an interval; write it as `<= 30`, `(30, 35]`, `> 50` or a single value"
    );
    assert_eq!(
        told("often", Measure::Count),
        "`often` is not an interval; write it as `<= 1`, `(1, 2]`, `> 8` or a single value"
    );
    assert_eq!(
        told("[1000; 1500)", Measure::Money),
        "`[1000; 1500)` is not an interval; write it as `< 1000`, `[1000, 1500)`, `>= 2500` or a single value"
    );
    assert_eq!(told("> 2.5", Measure::Count), "`2.5` is not a whole number; write a number such as `3`");
    assert_eq!(
        told("> 1,000", Measure::Money),
        "`1,000` is not an amount with at most two decimals; write a number such as `99.50`"
    );
}

#[test]
fn a_flaw_is_shown_by_a_value() {
    let gap = flaws(["> 50", "(40, 50]", "(35, 40]", "(30, 33]", "<= 30"], Measure::Days);
    assert!(gap[0].starts_with("a customer whose last visit was 34 days ago has no recency score; "), "{gap:?}");
    let overlap = flaws(["> 50", "(40, 50]", "(33, 40]", "(30, 35]", "<= 30"], Measure::Days);
    assert!(
        overlap[0].starts_with("a customer whose last visit was 34 days ago has the recency scores 3 and 4; "),
        "{overlap:?}"
    );
    let endless = flaws(["<= 1", "2", "3", "4", "[5, 9]"], Measure::Count);
    assert!(endless[0].starts_with("a customer with a frequency of 10 has no frequency score"), "{endless:?}");
    let zero = flaws(["[1, 1]", "2", "3", "4", "> 4"], Measure::Count);
    assert!(zero[0].starts_with("a customer with a frequency of 0 has no frequency score"), "{zero:?}");
    let negative = flaws(["[0, 10)", "[10, 20)", "[20, 30)", "[30, 40)", ">= 40"], Measure::Money);
    assert!(negative[0].starts_with("a customer with a monetary value of -0.01 has no monetary score"), "{negative:?}");
    let two_ends = flaws(["<= 1", "<= 2", "3", "4", "> 4"], Measure::Count);
    assert!(
        two_ends[0].starts_with("a customer with a frequency of 1 has the frequency scores 1 and 2"),
        "{two_ends:?}"
    );
    let reversed = flaws(["<= 30", "(30, 35]", "(35, 40]", "(40, 50]", "> 50"], Measure::Days);
    assert!(reversed[0].contains("fewer is better"), "{reversed:?}");
}

fn holds(interval: &Interval, value: i64) -> bool {
    interval.low.is_none_or(|low| low <= value) && interval.high.is_none_or(|high| value <= high)
}

prop_compose! {
    /// Mostly near a scale: rising cuts, of which single edges are moved, and scores that are left out.
    fn intervals()(
        cuts in prop::collection::btree_set(1..20_i64, 4),
        moves in prop::collection::vec(prop_oneof![8 => Just(0_i64), 1 => -2..3_i64], 8),
        is_told in prop::collection::vec(prop_oneof![3 => Just(true), 1 => Just(false)], 5),
    ) -> [Option<Interval>; 5] {
        let cuts: Vec<i64> = cuts.into_iter().collect();
        let told: Vec<usize> = (0..5).filter(|index| is_told[*index]).collect();
        let mut intervals = [None; 5];
        for (place, index) in told.iter().enumerate() {
            let low = (place > 0).then(|| cuts[place - 1] + moves[place - 1]);
            let next = (place + 1 < told.len()).then(|| cuts[place] - 1 + moves[place + 4]);
            intervals[*index] = Some(Interval { low, high: next.map(|high| high.max(low.unwrap_or(0))) });
        }
        intervals
    }
}

proptest! {
    #[test]
    fn a_scale_is_accepted_exactly_if_every_value_has_one_score(intervals in intervals()) {
        let told = || intervals.iter().flatten();
        let is_partition = (0..40).all(|value| told().filter(|interval| holds(interval, value)).count() == 1);
        prop_assume!(told().next().is_some());
        prop_assert_eq!(cut_points(intervals, Measure::Count).is_ok(), is_partition);
    }

    #[test]
    fn cut_points_score_every_value_as_its_interval(intervals in intervals(), value in 0..40_i64) {
        prop_assume!(intervals.iter().any(Option::is_some));
        if let Ok(CutPoints(cuts)) = cut_points(intervals, Measure::Count) {
            let by_cuts = 1 + cuts.iter().flatten().filter(|cut| value >= **cut).count();
            let is_in = |interval: &Option<Interval>| interval.as_ref().is_some_and(|interval| holds(interval, value));
            prop_assert_eq!(by_cuts, 1 + intervals.iter().position(is_in).expect("total"));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[<>=(\\[]{0,2}[0-9., -]{0,25}[)\\]]?") {
        for measure in [Measure::Days, Measure::Count, Measure::Money] {
            if let Ok(Interval { low: Some(low), high: Some(high) }) = Interval::parse(&text, measure) {
                prop_assert!(low <= high);
            }
        }
    }
}
