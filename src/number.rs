//! Money and whole numbers from text, without rounding.

use std::borrow::Cow;

/// The greatest amount, in hundredths: 9,999,999,999.99. No treatment costs as much, in whatever currency, and
/// DECIMAL(18,2) holds the sum of a million such amounts.
pub(crate) const MAX_CENTS: i64 = 999_999_999_999;
/// The greatest quantity, and the greatest number of a package's sessions.
pub(crate) const MAX_COUNT: i64 = 1_000_000;
/// Digits that a number is written out with, rather than with an exponent.
const MAX_DIGITS: usize = 60;

/// Why a text or value is no number of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// It isn't written as a number.
    NotANumber,
    /// It has more decimals, other than zeros, than the kind allows.
    TooPrecise,
    /// It is beyond the kind's range.
    TooLarge,
}

use NumberError::{NotANumber, TooLarge, TooPrecise};

/// Money in hundredths: optional sign, digits (thousands grouped by commas or not at all), optional
/// decimals, of which only the first two may differ from zero.
pub(crate) fn parse_money(text: &str) -> Result<i64, NumberError> {
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

/// Hundredths as a text with two decimals.
pub(crate) fn hundredths(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    format!("{sign}{whole}.{cents:02}")
}

/// Whether `text` is written as amounts and quantities are, whatever its decimals.
pub(crate) fn is_number(text: &str) -> bool {
    matches!(parse_money(text), Ok(_) | Err(NumberError::TooPrecise))
}

/// A whole number: as [`parse_money`], but decimals may only be zeros.
pub(crate) fn parse_integer(text: &str) -> Result<i64, NumberError> {
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

/// A whole number of at most [`MAX_COUNT`], less than nothing included.
pub(crate) fn parse_count(text: &str) -> Result<i64, NumberError> {
    parse_integer(text).and_then(count)
}

/// `value`, if it is at most [`MAX_COUNT`], less than nothing included.
pub(crate) fn count(value: i64) -> Result<i64, NumberError> {
    if (-MAX_COUNT..=MAX_COUNT).contains(&value) { Ok(value) } else { Err(TooLarge) }
}

/// A number as its value alone says: without exponent, without zeros at the end of its decimals, and zero
/// without a sign. So 17.0 is 17, 1e3 is 1000. What isn't a number, or is too long so, stays as it is.
pub(crate) fn plain_decimal(text: &str) -> Cow<'_, str> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match is_plain {
        true => Cow::Borrowed(text),
        false => written_out(sign, digits).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

fn written_out(sign: &str, number: &str) -> Option<String> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (number, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, decimals].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let leading = usize::try_from(point.checked_neg()?.max(0)).ok().filter(|zeros| *zeros <= MAX_DIGITS)?;
    let point = usize::try_from(point.max(0)).ok().filter(|point| *point <= MAX_DIGITS.max(whole.len()))?;
    let digits = format!("{}{digits}{}", "0".repeat(leading), "0".repeat(point.saturating_sub(digits.len())));
    let (whole, decimals) = digits.split_at_checked(point)?;
    let (whole, decimals) = (whole.trim_start_matches('0'), decimals.trim_end_matches('0'));
    Some(match (whole, decimals) {
        ("", "") => "0".to_owned(),
        ("", decimals) => format!("{sign}0.{decimals}"),
        (whole, "") => format!("{sign}{whole}"),
        (whole, decimals) => format!("{sign}{whole}.{decimals}"),
    })
}

/// Decimals of a number in a column's SQL expression.
pub(crate) const EXPRESSION_SCALE: u8 = 8;

/// A number × 10^[`EXPRESSION_SCALE`]: as [`parse_money`], but with more decimals.
pub(crate) fn parse_decimal(text: &str) -> Result<i128, NumberError> {
    let more = usize::from(EXPRESSION_SCALE) - 2;
    let factor = 10_i128.pow(u32::from(EXPRESSION_SCALE) - 2);
    let error = match parse_money(text) {
        Ok(cents) => return Ok(i128::from(cents) * factor),
        Err(error) => error,
    };
    let behind_cents = text.find('.').filter(|_| error == TooPrecise).map(|point| text.split_at_checked(point + 3));
    let Some(Some((head, tail))) = behind_cents else { return Err(error) };
    let tail = tail.trim_end_matches('0');
    if tail.len() > more || !tail.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(error);
    }
    let cents = i128::from(parse_money(head)?);
    let rest = format!("{tail:0<more$}").parse::<i128>().map_err(|_| error)?;
    let is_negative = cents < 0 || text.starts_with('-');
    Ok(cents * factor + if is_negative { -rest } else { rest })
}

/// Money in hundredths from `value` × 10^-`scale`.
pub(crate) fn rescale_money(value: i128, scale: i8) -> Result<i64, NumberError> {
    let shift = u32::from((i16::from(scale) - 2).unsigned_abs());
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

/// Money in hundredths from a binary float, rounded to the cent: up to [`MAX_CENTS`], doubles lie less than a
/// thousandth of a cent apart, so the nearest cent is the one that was written.
#[allow(clippy::cast_possible_truncation, reason = "the range is checked after the cast, which saturates")]
pub(crate) fn round_money(value: f64) -> Result<i64, NumberError> {
    if !value.is_finite() {
        return Err(NotANumber);
    }
    let cents = (value * 100.0).round() as i64;
    if (-MAX_CENTS..=MAX_CENTS).contains(&cents) { Ok(cents) } else { Err(TooLarge) }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

/// Digits, grouped by commas in threes from the right or not at all; none is zero.
fn parse_whole(text: &str) -> Result<i64, NumberError> {
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
        for (text, error) in
            [("0.123456789", TooPrecise), ("1.2.3", NotANumber), ("abc", NotANumber), ("1.005x", NotANumber)]
        {
            assert_eq!(parse_decimal(text), Err(error), "{text}");
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
            ("9999999999.99", MAX_CENTS),
            ("-9,999,999,999.99", -MAX_CENTS),
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
        for text in ["10000000000", "9999999999999999.99", "99999999999999999999999", "-10,000,000,000.00"] {
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
        assert_eq!(round_money(9_999_999_999.99), Ok(MAX_CENTS));
        for value in [f64::NAN, f64::INFINITY] {
            assert_eq!(round_money(value), Err(NotANumber));
        }
        for value in [1e10, -1e17, 1e300] {
            assert_eq!(round_money(value), Err(TooLarge));
        }
    }

    #[test]
    fn counts_have_a_limit_on_both_sides() {
        assert_eq!(parse_count("-1,000,000"), Ok(-MAX_COUNT));
        for text in ["1000001", "-1000001", "9223372036854775807", "99999999999999999999"] {
            assert_eq!(parse_count(text), Err(TooLarge), "{text}");
        }
        assert_eq!(count(i64::MIN), Err(TooLarge));
    }

    #[test]
    fn a_number_is_told_by_its_value() {
        for (text, plain) in [
            ("17", "17"),
            ("17.0", "17"),
            ("17.00", "17"),
            ("1.50", "1.5"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("0", "0"),
            ("00", "0"),
            ("0.5", "0.5"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("1.5e-3", "0.0015"),
            ("-12.5e1", "-125"),
            ("36893488147419103233", "36893488147419103233"),
            ("36893488147419103233.0", "36893488147419103233"),
            ("1e400", "1e400"),
            ("1e-400", "1e-400"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            ("1e-9223372036854775808", "1e-9223372036854775808"),
            ("true", "true"),
            ("", ""),
            ("-", "-"),
        ] {
            assert_eq!(plain_decimal(text), plain, "{text}");
        }
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
            let _ = plain_decimal(&text);
        }

        #[test]
        fn a_plain_decimal_has_the_value_of_what_it_was_made_from(text in "-?[0-9]{1,6}(\\.[0-9]{1,6})?(e-?[0-9])?") {
            let plain = plain_decimal(&text);
            prop_assert_eq!(plain.parse::<f64>(), text.parse::<f64>().map(|value| value + 0.0));
            prop_assert_eq!(plain_decimal(&plain), plain.as_ref());
        }
    }
}
