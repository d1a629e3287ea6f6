//! Money and whole numbers from text, without rounding and without allocation.

/// The greatest amount that DECIMAL(18,2) holds, in hundredths.
pub(super) const MAX_CENTS: i64 = 999_999_999_999_999_999;

/// Why a text or value is no number of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFault {
    /// It isn't written as a number.
    NotANumber,
    /// It has more decimals, other than zeros, than the kind allows.
    TooPrecise,
    /// It is beyond the kind's range.
    TooLarge,
}

use NumberFault::{NotANumber, TooLarge, TooPrecise};

/// Money in hundredths: optional sign, digits (thousands grouped by commas or not at all), optional
/// decimals, of which only the first two may differ from zero.
pub(super) fn parse_money(text: &str) -> Result<i64, NumberFault> {
    let (is_negative, digits) = split_sign(text);
    let (whole, decimals) = match digits.split_once('.') {
        Some((_, "")) => return Err(NotANumber),
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() && decimals.is_empty() || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotANumber);
    }
    let whole = parse_whole(whole)?;
    let (cents, rest) = decimals.split_at(decimals.len().min(2));
    if rest.bytes().any(|byte| byte != b'0') {
        return Err(TooPrecise);
    }
    let cents = cents.bytes().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    let cents = if decimals.len() == 1 { cents * 10 } else { cents };
    let amount = whole.checked_mul(100).and_then(|whole| whole.checked_add(cents)).ok_or(TooLarge)?;
    if amount > MAX_CENTS {
        return Err(TooLarge);
    }
    Ok(if is_negative { -amount } else { amount })
}

/// A whole number: as [`parse_money`], but decimals may only be zeros.
pub(super) fn parse_integer(text: &str) -> Result<i64, NumberFault> {
    let (is_negative, digits) = split_sign(text);
    let whole = match digits.split_once('.') {
        Some((_, "")) => return Err(NotANumber),
        Some((whole, decimals)) if decimals.bytes().all(|byte| byte == b'0') => whole,
        Some((_, decimals)) if decimals.bytes().all(|byte| byte.is_ascii_digit()) => return Err(TooPrecise),
        Some(_) => return Err(NotANumber),
        None => digits,
    };
    if whole.is_empty() {
        return Err(NotANumber);
    }
    let whole = parse_whole(whole)?;
    Ok(if is_negative { -whole } else { whole })
}

/// Decimals of a number in a column's SQL expression.
pub(super) const EXPRESSION_SCALE: u8 = 8;

/// A number × 10^[`EXPRESSION_SCALE`]: as [`parse_money`], but with more decimals.
pub(super) fn parse_decimal(text: &str) -> Result<i128, NumberFault> {
    let more = usize::from(EXPRESSION_SCALE) - 2;
    let factor = 10_i128.pow(u32::from(EXPRESSION_SCALE) - 2);
    let fault = match parse_money(text) {
        Ok(cents) => return Ok(i128::from(cents) * factor),
        Err(fault) => fault,
    };
    let behind_cents = text.find('.').filter(|_| fault == TooPrecise).map(|point| text.split_at_checked(point + 3));
    let Some(Some((head, tail))) = behind_cents else { return Err(fault) };
    let tail = tail.trim_end_matches('0');
    if tail.len() > more || !tail.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault);
    }
    let cents = i128::from(parse_money(head)?);
    let rest = format!("{tail:0<more$}").parse::<i128>().map_err(|_| fault)?;
    let is_negative = cents < 0 || text.starts_with('-');
    Ok(cents * factor + if is_negative { -rest } else { rest })
}

/// Money in hundredths from `value` × 10^-`scale`.
pub(super) fn rescale_money(value: i128, scale: i8) -> Result<i64, NumberFault> {
    let shift = u32::from((scale - 2).unsigned_abs());
    let factor = 10_i128.checked_pow(shift).ok_or(TooLarge)?;
    let cents = if scale >= 2 {
        if value % factor != 0 {
            return Err(TooPrecise);
        }
        value / factor
    } else {
        value.checked_mul(factor).ok_or(TooLarge)?
    };
    i64::try_from(cents).ok().filter(|cents| (-MAX_CENTS..=MAX_CENTS).contains(cents)).ok_or(TooLarge)
}

/// Money in hundredths from a binary float, rounded to the cent.
#[allow(clippy::cast_possible_truncation, reason = "the range is checked before the cast")]
pub(super) fn round_money(value: f64) -> Result<i64, NumberFault> {
    let cents = (value * 100.0).round();
    // The least double above MAX_CENTS.
    if !cents.is_finite() {
        Err(NotANumber)
    } else if cents.abs() >= 1e18 {
        Err(TooLarge)
    } else {
        Ok(cents as i64)
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

/// Digits, grouped by commas in threes from the right or not at all; none is zero.
fn parse_whole(text: &str) -> Result<i64, NumberFault> {
    let mut value = 0_i64;
    let mut is_too_large = false;
    let mut is_grouped = false;
    let mut in_group = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                in_group += 1;
                match value.checked_mul(10).and_then(|value| value.checked_add(i64::from(byte - b'0'))) {
                    Some(next) => value = next,
                    None => is_too_large = true,
                }
            }
            b',' if (is_grouped && in_group == 3) || (!is_grouped && (1..=3).contains(&in_group)) => {
                is_grouped = true;
                in_group = 0;
            }
            _ => return Err(NotANumber),
        }
    }
    match () {
        () if is_grouped && in_group != 3 => Err(NotANumber),
        () if is_too_large => Err(TooLarge),
        () => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_expressions_have_eight_decimals() {
        for (text, number) in
            [("1,234.50", 123_450_000_000), ("-0.00000001", -1), (".5", 50_000_000), ("3", 300_000_000)]
        {
            assert_eq!(parse_decimal(text), Ok(number), "{text}");
        }
        for (text, number) in [("0.123456780", 12_345_678), ("-1.005", -100_500_000), ("0.00", 0)] {
            assert_eq!(parse_decimal(text), Ok(number), "{text}");
        }
        for (text, fault) in
            [("0.123456789", TooPrecise), ("1.2.3", NotANumber), ("abc", NotANumber), ("1.005x", NotANumber)]
        {
            assert_eq!(parse_decimal(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn money_is_read_to_the_cent() {
        for (text, cents) in [
            ("0", 0),
            ("12", 1_200),
            ("12.3", 1_230),
            ("12.34", 1_234),
            ("12.3400", 1_234),
            ("+7.05", 705),
            ("-0.01", -1),
            (".5", 50),
            ("1,234.50", 123_450),
            ("12,345,678", 1_234_567_800),
            ("9999999999999999.99", MAX_CENTS),
            ("-9999999999999999.99", -MAX_CENTS),
        ] {
            assert_eq!(parse_money(text), Ok(cents), "{text}");
        }
    }

    #[test]
    fn what_is_not_exactly_money_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "5.",
            "1.2.3",
            "1,23",
            "1234,567",
            "12,34,567",
            ",123",
            "1,234,",
            "1 234",
            "NT$5",
            "1e3",
            "٣",
            "12.x",
            "--1",
            "1,2345",
            "0x10",
            "NaN",
        ] {
            assert_eq!(parse_money(text), Err(NotANumber), "{text}");
        }
        for text in ["0.001", "1.239", "-5.0001"] {
            assert_eq!(parse_money(text), Err(TooPrecise), "{text}");
        }
        for text in ["10000000000000000", "99999999999999999999999", "-10,000,000,000,000,000.00"] {
            assert_eq!(parse_money(text), Err(TooLarge), "{text}");
        }
    }

    #[test]
    fn whole_numbers_may_be_written_with_zero_decimals() {
        assert_eq!(parse_integer("6"), Ok(6));
        assert_eq!(parse_integer("-2.00"), Ok(-2));
        assert_eq!(parse_integer("1,000"), Ok(1_000));
        assert_eq!(parse_integer("1.5"), Err(TooPrecise));
        assert_eq!(parse_integer("six"), Err(NotANumber));
        assert_eq!(parse_integer(".0"), Err(NotANumber));
        assert_eq!(parse_integer("1.x"), Err(NotANumber));
        assert_eq!(parse_integer("9223372036854775808"), Err(TooLarge));
    }

    #[test]
    fn decimals_of_any_scale_become_cents_or_are_refused() {
        assert_eq!(rescale_money(12_345, 4), Err(TooPrecise));
        assert_eq!(rescale_money(12_300, 4), Ok(123));
        assert_eq!(rescale_money(7, 0), Ok(700));
        assert_eq!(rescale_money(7, -2), Ok(70_000));
        assert_eq!(rescale_money(i128::MAX, 2), Err(TooLarge));
        assert_eq!(rescale_money(i128::MAX, -30), Err(TooLarge));
    }

    #[test]
    fn floats_are_rounded_to_the_cent() {
        assert_eq!(round_money(0.1 + 0.2), Ok(30));
        assert_eq!(round_money(-12.345_000_1), Ok(-1_235));
        assert_eq!(round_money(f64::NAN), Err(NotANumber));
        assert_eq!(round_money(1e17), Err(TooLarge));
    }

    fn grouped(whole: i64) -> String {
        let digits = whole.to_string();
        let mut text = String::new();
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    proptest! {
        #[test]
        fn money_round_trips(cents in -MAX_CENTS..=MAX_CENTS) {
            let sign = if cents < 0 { "-" } else { "" };
            let (whole, rest) = (cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(parse_money(&format!("{sign}{whole}.{rest:02}")), Ok(cents));
            prop_assert_eq!(parse_money(&format!("{sign}{}.{rest:02}00", grouped(whole))), Ok(cents));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "[-+0-9.,eE ]{0,24}|.{0,12}") {
            let _ = parse_money(&text);
            let _ = parse_integer(&text);
        }
    }
}
