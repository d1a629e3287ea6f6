//! Spans of time as people write them.

use std::time::Duration;

/// `3h`, `90m` or `600s`.
///
/// # Errors
/// What isn't written so, in words.
pub fn duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("`{text}` is no time; write a whole number and a unit, such as `3h`, `90m` or `600s`");
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(refuse()),
    };
    // Five digits of hours are eleven years.
    match number.trim() {
        number if number.len() <= 5 => {
            let count = number.parse::<u64>().ok().filter(|count| *count > 0).ok_or_else(refuse)?;
            Ok(Duration::from_secs(count * seconds))
        }
        _ => Err(refuse()),
    }
}
