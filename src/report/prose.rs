//! Sentences on a terminal, which is at least 80 columns wide.

use unicode_width::UnicodeWidthStr;

/// Columns that a line may take.
pub const COLUMNS: usize = 80;

/// A sentence set in by `indent` columns, in lines that fit, those after the first set in by two more. A word that is
/// longer than a line, such as a path, stays whole.
pub fn prose(indent: usize, sentence: &str) -> String {
    let mut text = String::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in sentence.split(' ') {
        if !is_empty && line.width() + 1 + word.width() > COLUMNS {
            text.push_str(&line);
            text.push('\n');
            line = " ".repeat(indent + 2);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    text + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_goes_on_in_the_next_line_before_it_is_too_long() {
        let words = ["word"; 20].join(" ");
        assert_eq!(prose(2, &words), format!("  {}\n    {}\n", ["word"; 15].join(" "), ["word"; 5].join(" ")));
        let path = "/".repeat(90);
        assert_eq!(prose(0, &format!("see {path} there")), format!("see\n  {path}\n  there\n"));
        assert_eq!(prose(2, "short"), "  short\n");
    }

    #[test]
    fn a_chinese_character_takes_two_columns() {
        let name = "臺北忠孝旗艦院".repeat(3);
        assert_eq!(prose(0, &format!("{name} {name}")), format!("{name}\n  {name}\n"));
    }
}
