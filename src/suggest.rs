//! Did you mean …? The remedy for a name that is not known, and names as messages show them.

use std::borrow::Cow;

/// How alike two names must be, from 0 to 1, for one to be taken for the other.
const ALIKE: f64 = 0.6;

/// Names that are listed in full when none is alike.
const MAX_LISTED: usize = 20;

/// Bytes of a name that is compared with others; what is longer is none.
const MAX_COMPARED_BYTES: usize = 200;

/// The candidate that was probably meant.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let is_name = |text: &str| text.len() <= MAX_COMPARED_BYTES;
    let word = Some(word).filter(|word| is_name(word))?.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| is_name(candidate))
        .map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, first), (b, second)| a.total_cmp(b).then_with(|| second.cmp(first)))
        .map(|(_, candidate)| candidate)
}

/// Characters of a text that somebody else wrote which a message shows.
const CHARACTERS_SHOWN: usize = 60;

/// A text as a message shows it: its beginning, if it is long.
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CHARACTERS_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// What to write for `word`: the candidate that was probably meant, else all of them.
pub fn write_instead(word: &str, candidates: &[&str]) -> String {
    match (closest(word, candidates.iter().copied()), candidates) {
        (Some(candidate), _) => format!("write `{}`", shortened(candidate)),
        (None, [only]) => format!("write `{}`", shortened(only)),
        (None, _) => format!("write one of {}", listed(candidates)),
    }
}

/// `a`, `b`, `c`.
pub fn listed(names: &[&str]) -> String {
    let mut listed: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{}`", shortened(name))).collect();
    if names.len() > MAX_LISTED {
        listed.push("…".to_owned());
    }
    listed.join(", ")
}

/// A name's last part counts as much as the whole: `Taipei` is `Asia/Taipei`.
fn likeness(word: &str, candidate: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(word, candidate);
    let last = candidate.rsplit('/').next().unwrap_or(candidate);
    if last == word { whole.max(0.9) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let zones = ["Asia/Taipei", "Asia/Tokyo", "Europe/Berlin"];
        assert_eq!(closest("Asia/Taipe", zones), Some("Asia/Taipei"));
        assert_eq!(closest("asia/tokyo", zones), Some("Asia/Tokyo"));
        assert_eq!(closest("taipei", zones), Some("Asia/Taipei"));
        assert_eq!(closest("Mars", zones), None);
    }

    #[test]
    fn without_a_likely_candidate_all_are_listed() {
        assert_eq!(write_instead("amout", &["amount", "cost"]), "write `amount`");
        assert_eq!(write_instead("xyz", &["amount", "cost"]), "write one of `amount`, `cost`");
    }

    #[test]
    fn what_is_no_name_is_compared_with_none_and_shown_by_its_beginning() {
        let long = "x".repeat(1_000_000);
        assert_eq!(closest(&long, [long.as_str()]), None);
        assert_eq!(write_instead("x", &[&long]), format!("write `{}…`", "x".repeat(60)));
    }
}
