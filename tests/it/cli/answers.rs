//! What a run tells on a terminal.

use super::{Folder, ORDERS, PIPELINE, RUN};

/// How many columns a line takes: of Chinese, two for each character.
fn width(line: &str) -> usize {
    line.chars().map(|c| if ('\u{2e80}'..'\u{ff60}').contains(&c) { 2 } else { 1 }).sum()
}

#[test]
fn the_summary_fits_a_terminal_and_is_aligned_under_chinese() {
    let folder = Folder::new(PIPELINE);
    folder.write("orders.csv", &format!("{ORDERS}A2,c2,臺北忠孝旗艦院,2024-11-05,4000000\nA3,c3,高雄,2024-11-06,20\n"));
    let summary = folder.call(RUN).stdout();
    let tables = summary.lines().take_while(|line| !line.starts_with("Published "));
    // Warnings stay whole, for people look for them in logs, and so do the rows that they bring.
    for line in tables.clone().filter(|line| !line.starts_with(['+', '|']) && !line.starts_with("warning: ")) {
        assert!(width(line) <= 80, "{line}");
    }
    let branches: Vec<&str> = tables.skip_while(|line| !line.starts_with("   Branch ")).take(4).collect();
    let ends: Vec<usize> = branches.iter().map(|line| width(line)).collect();
    assert!(branches.len() == 4 && ends.iter().all(|end| *end == ends[0]), "{branches:#?}");
}
