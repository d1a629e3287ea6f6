//! Cells of an expected table beside those that a model gives.

use arrow::datatypes::DataType;
use chrono::NaiveDate;

/// Places to which a floating-point number is compared, unless more are written.
const PLACES: usize = 4;

/// Why `text` can be no value of a column of type `data_type`, and what to write; none if it can.
pub fn mistake(data_type: &DataType, text: &str) -> Option<String> {
    let wanted = match data_type {
        DataType::Boolean if !matches!(text, "true" | "false") => "`true` or `false`",
        DataType::Date32 if text.parse::<NaiveDate>().is_err() => "a day, such as 2026-11-21",
        _ if data_type.is_integer() && text.parse::<i64>().is_err() => "a whole number",
        DataType::Decimal128(..) if plain_decimal(text).is_none() => "an amount, such as 1200 or 99.50",
        DataType::Float32 | DataType::Float64 if text.parse::<f64>().is_err() => "a number",
        _ => return None,
    };
    Some(format!("`{text}` can't be a value of this column; write {wanted}"))
}

/// Whether a model's cell is the expected one. Null is only null; amounts are equal as numbers; a floating-point
/// number is rounded to as many places as are written, and to four if there are fewer.
pub fn is_equal(data_type: &DataType, expected: Option<&str>, got: Option<&str>) -> bool {
    let (Some(expected), Some(got)) = (expected, got) else { return expected == got };
    match data_type {
        DataType::Decimal128(..) => plain_decimal(expected) == plain_decimal(got),
        DataType::Float32 | DataType::Float64 => match (expected.parse::<f64>(), got.parse::<f64>()) {
            (Ok(number), Ok(found)) => {
                let places = expected.split_once('.').map_or(0, |(_, fraction)| fraction.len()).max(PLACES);
                format!("{number:.places$}") == format!("{found:.places$}")
            }
            _ => false,
        },
        _ if data_type.is_integer() => match (expected.parse::<i64>(), got.parse::<i64>()) {
            (Ok(number), Ok(found)) => number == found,
            _ => false,
        },
        _ => expected == got,
    }
}

/// A decimal without needless zeros; none of what is no decimal.
fn plain_decimal(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if whole.is_empty() && fraction.is_empty() { "" } else { sign };
    Some(format!("{sign}{whole}.{fraction}"))
}

/// Whether `text` is an amount of money: a decimal of at most two places.
pub fn is_money(text: &str) -> bool {
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    plain_decimal(text).is_some() && places <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONEY: DataType = DataType::Decimal128(18, 2);

    fn is(data_type: &DataType, expected: &str, got: &str) -> bool {
        is_equal(data_type, Some(expected), Some(got))
    }

    #[test]
    fn amounts_are_compared_as_numbers() {
        assert!(is(&MONEY, "500", "500.00"));
        assert!(is(&MONEY, "-0.5", "-0.50"));
        assert!(is(&MONEY, "0", "0.00"));
        assert!(!is(&MONEY, "500", "-500.00"));
        assert!(!is(&MONEY, "500", "500.01"));
        assert!(!is(&MONEY, "50", "500.00"));
    }

    #[test]
    fn a_ratio_is_compared_to_the_places_that_are_written_and_to_four_at_least() {
        assert!(is(&DataType::Float64, "0.3333", "0.3333333333333333"));
        assert!(is(&DataType::Float64, "0.5", "0.5"));
        assert!(!is(&DataType::Float64, "0.3", "0.3333333333333333"));
        assert!(!is(&DataType::Float64, "0.33333", "0.33334"));
        assert!(!is(&DataType::Float64, "1", "0.6"));
    }

    #[test]
    fn null_is_only_null() {
        assert!(is_equal(&DataType::Utf8, None, None));
        assert!(!is_equal(&DataType::Utf8, None, Some("")));
        assert!(!is_equal(&MONEY, Some("0"), None));
    }

    #[test]
    fn what_can_be_no_value_of_a_column_is_told() {
        let wrong = [
            (DataType::Boolean, "yes"),
            (DataType::Date32, "21.11.2026"),
            (DataType::Int32, "1.5"),
            (MONEY, "1,200"),
            (DataType::Float64, "half"),
        ];
        for (data_type, text) in wrong {
            assert!(mistake(&data_type, text).is_some(), "{data_type} {text}");
        }
        let right = [
            (DataType::Boolean, "true"),
            (DataType::Date32, "2026-11-21"),
            (DataType::Int64, "-3"),
            (MONEY, "99.5"),
            (DataType::Float64, "0.5"),
            (DataType::Utf8, "yes"),
        ];
        for (data_type, text) in right {
            assert_eq!(mistake(&data_type, text), None, "{data_type} {text}");
        }
    }
}
