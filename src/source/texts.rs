//! A column of texts, plain or dictionary-encoded: trimmed, and null where empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, StringArray, StringBuilder};
use arrow::compute::{CastOptions, cast, cast_with_options, filter, take};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::number::plain_decimal;

/// A column of texts.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    values: StringArray,
    /// Index into `values` per row; none if the values are the rows.
    keys: Option<Int32Array>,
}

impl From<StringArray> for Texts {
    fn from(values: StringArray) -> Self {
        Texts { values, keys: None }
    }
}

impl Texts {
    /// The same text, or null, in `rows` rows.
    pub fn constant(text: Option<&str>, rows: usize) -> Self {
        Texts { values: StringArray::from(vec![text]), keys: Some(Int32Array::from_value(0, rows)) }
    }

    /// The texts as they are, whatever blanks are around them.
    pub fn verbatim(values: StringArray) -> Self {
        Texts { values, keys: None }
    }

    /// The texts of an array of any type that has a text form.
    ///
    /// # Errors
    /// Nested types have none.
    pub fn of(array: &ArrayRef) -> Result<Self, ArrowError> {
        if let DataType::Dictionary(_, _) = array.data_type() {
            let dictionary = array.as_any_dictionary();
            let keys = cast(dictionary.keys(), &DataType::Int32)?.as_primitive::<Int32Type>().clone();
            let values = trimmed(text_form(dictionary.values())?);
            return Ok(Texts { values, keys: Some(keys) });
        }
        Ok(Texts { values: trimmed(text_form(array)?), keys: None })
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.keys.as_ref().map_or(self.values.len(), |keys| keys.len())
    }

    /// The distinct values, or the rows' own if there is no dictionary.
    pub fn values(&self) -> &StringArray {
        &self.values
    }

    /// Index into [`Self::values`] per row.
    pub fn keys(&self) -> Option<&Int32Array> {
        self.keys.as_ref()
    }

    /// Where the text of `row` is in [`Self::values`]; none if it is null.
    pub fn position(&self, row: usize) -> Option<usize> {
        match &self.keys {
            Some(keys) => keys.is_valid(row).then(|| usize::try_from(keys.value(row)).ok()).flatten(),
            None => Some(row),
        }
        .filter(|position| self.values.is_valid(*position))
    }

    /// The text of `row`.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.position(row).map(|position| self.values.value(position))
    }

    /// Whether a row is null.
    pub fn has_nulls(&self) -> bool {
        let nulls_in_keys = self.keys.as_ref().is_some_and(|keys| keys.null_count() > 0);
        (nulls_in_keys || self.values.null_count() > 0) && (0..self.len()).any(|row| self.position(row).is_none())
    }

    /// Replaces what `mapping` names; in it, `""` stands for null.
    pub fn mapped(self, mapping: &BTreeMap<String, String>) -> Self {
        let replace = |text| replaced(mapping, text);
        let nulls = self.keys.as_ref().filter(|keys| keys.null_count() > 0 && mapping.contains_key(""));
        let Some(keys) = nulls else {
            return Texts { values: self.values.iter().map(replace).collect(), keys: self.keys };
        };
        // What null becomes is behind the other values.
        let of_null = i32::try_from(self.values.len()).ok();
        let keys = keys.iter().map(|key| key.or(of_null)).collect();
        Texts { values: self.values.iter().chain([None]).map(replace).collect(), keys: Some(keys) }
    }

    /// The rows that `wanted` marks.
    pub fn filtered(&self, wanted: &BooleanArray) -> Result<Self, ArrowError> {
        Ok(match &self.keys {
            Some(keys) => Texts {
                values: self.values.clone(),
                keys: Some(filter(keys, wanted)?.as_primitive::<Int32Type>().clone()),
            },
            None => Texts { values: filter(&self.values, wanted)?.as_string::<i32>().clone(), keys: None },
        })
    }

    /// The rows as a plain array.
    pub fn into_array(self) -> Result<ArrayRef, ArrowError> {
        match &self.keys {
            Some(keys) => take(&self.values, keys, None),
            None => Ok(Arc::new(self.values)),
        }
    }
}

fn replaced<'a>(mapping: &'a BTreeMap<String, String>, text: Option<&'a str>) -> Option<&'a str> {
    mapping.get(text.unwrap_or_default()).map(String::as_str).or(text).filter(|text| !text.is_empty())
}

fn text_form(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let data_type = array.data_type();
    if data_type.is_floating() {
        return floats_as_text(array);
    }
    if data_type.is_temporal() {
        let text = |row| array.is_valid(row).then(|| value_text(array, row));
        return Ok((0..array.len()).map(text).collect());
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let binary = matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    let options = if binary { CastOptions::default() } else { strict };
    let texts = cast_with_options(array, &DataType::Utf8, &options)?.as_string::<i32>().clone();
    match data_type.is_decimal() {
        true => Ok(texts.iter().map(|text| text.map(plain_decimal)).collect()),
        false => Ok(texts),
    }
}

/// The text of a value; of a time beyond the calendar, the number that it is stored as.
pub(super) fn value_text(array: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::new();
    let text = |array: &ArrayRef| ArrayFormatter::try_new(array, &options)?.value(row).try_to_string();
    let number = || cast(array, &DataType::Int64).or_else(|_| cast(&cast(array, &DataType::Int32)?, &DataType::Int64));
    text(array).or_else(|_| text(&number()?)).unwrap_or_default()
}

/// Ids and codes turn into floats where a data frame had nulls: 17.0 means 17.
fn floats_as_text(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    // Each in the fewest digits that tell it from its neighbours, and zero without a sign.
    Ok(match array.data_type() {
        DataType::Float64 => array
            .as_primitive::<Float64Type>()
            .iter()
            .map(|value| value.map(|value| (value + 0.0).to_string()))
            .collect(),
        _ => {
            let narrow = cast(array, &DataType::Float32)?;
            let values = narrow.as_primitive::<Float32Type>().iter();
            values.map(|value| value.map(|value| (value + 0.0).to_string())).collect()
        }
    })
}

/// The rows of a column of floats whose value may have been another: beyond these limits, floats don't tell
/// neighbouring whole numbers apart. None for other types.
pub(super) fn inexact_rows(array: &ArrayRef) -> Result<Vec<usize>, ArrowError> {
    let limit = match array.data_type() {
        DataType::Float16 => 2_048.0,
        DataType::Float32 => 16_777_216.0,
        DataType::Float64 => 9_007_199_254_740_992.0,
        _ => return Ok(Vec::new()),
    };
    let wide = cast(array, &DataType::Float64)?;
    let values = wide.as_primitive::<Float64Type>().iter().enumerate();
    let is_inexact = |value: f64| value.is_nan() || value.abs() >= limit;
    Ok(values.filter(|(_, value)| value.is_some_and(is_inexact)).map(|(row, _)| row).collect())
}

fn trimmed(array: StringArray) -> StringArray {
    let is_clean = |text: &str| match text.as_bytes() {
        [] => false,
        [first, .., last] => (b'!'..=b'~').contains(first) && (b'!'..=b'~').contains(last),
        [only] => (b'!'..=b'~').contains(only),
    };
    let needs_work = |text: &str| !is_clean(text) && (text.is_empty() || text.trim().len() != text.len());
    if !array.iter().flatten().any(needs_work) {
        return array;
    }
    let mut builder = StringBuilder::with_capacity(array.len(), array.value_data().len());
    for text in &array {
        builder.append_option(text.map(str::trim).filter(|text| !text.is_empty()));
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int64Array};

    use super::*;

    fn rows(texts: &Texts) -> Vec<Option<&str>> {
        (0..texts.len()).map(|row| texts.get(row)).collect()
    }

    #[test]
    fn texts_are_trimmed_and_empty_ones_are_null() {
        let array: ArrayRef =
            Arc::new(StringArray::from(vec![Some(" a "), Some(""), Some("\u{3000}王"), None, Some("b")]));
        assert_eq!(rows(&Texts::of(&array).expect("text")), [Some("a"), None, Some("王"), None, Some("b")]);
    }

    #[test]
    fn a_dictionary_reads_as_its_rows() {
        let dictionary: DictionaryArray<Int32Type> =
            vec![Some("x"), Some(""), None, Some("x"), Some(" y")].into_iter().collect();
        let texts = Texts::of(&(Arc::new(dictionary) as ArrayRef)).expect("text");
        assert_eq!(rows(&texts), [Some("x"), None, None, Some("x"), Some("y")]);
        let array = texts.clone().into_array().expect("an array");
        assert_eq!(array.as_string::<i32>(), &StringArray::from(vec![Some("x"), None, None, Some("x"), Some("y")]));
        let wanted = BooleanArray::from(vec![false, true, false, true, true]);
        assert_eq!(rows(&texts.filtered(&wanted).expect("rows")), [None, Some("x"), Some("y")]);
    }

    #[test]
    fn a_mapping_replaces_values_and_null() {
        let mapping = BTreeMap::from([("x".to_owned(), "1".to_owned()), (String::new(), "0".to_owned())]);
        let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None, Some("z")].into_iter().collect();
        let texts = Texts::of(&(Arc::new(dictionary) as ArrayRef)).expect("text");
        assert_eq!(rows(&texts.mapped(&mapping)), [Some("1"), Some("0"), Some("z")]);
        let plain: ArrayRef = Arc::new(StringArray::from(vec![Some("z"), None, Some("x")]));
        assert_eq!(rows(&Texts::of(&plain).expect("text").mapped(&mapping)), [Some("z"), Some("0"), Some("1")]);
        let to_null = BTreeMap::from([("x".to_owned(), String::new())]);
        assert_eq!(rows(&Texts::of(&plain).expect("text").mapped(&to_null)), [Some("z"), None, None]);
    }

    #[test]
    fn numbers_read_as_they_are_written() {
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(17.0), Some(0.5), None, Some(-0.0)]));
        assert_eq!(rows(&Texts::of(&floats).expect("text")), [Some("17"), Some("0.5"), None, Some("0")]);
        let narrow = cast(&floats, &DataType::Float32).expect("floats");
        assert_eq!(rows(&Texts::of(&narrow).expect("text")), [Some("17"), Some("0.5"), None, Some("0")]);
        let narrow: ArrayRef = Arc::new(Float32Array::from(vec![0.1]));
        assert_eq!(rows(&Texts::of(&narrow).expect("text")), [Some("0.1")]);
        let decimals = Decimal128Array::from(vec![1_700, 1_750, 5, -50]).with_precision_and_scale(20, 2);
        let decimals: ArrayRef = Arc::new(decimals.expect("decimals"));
        assert_eq!(rows(&Texts::of(&decimals).expect("text")), [Some("17"), Some("17.5"), Some("0.05"), Some("-0.5")]);
        let integers: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        assert_eq!(rows(&Texts::of(&integers).expect("text")), [Some("7")]);
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(0), Some(i32::MAX), None]));
        assert_eq!(rows(&Texts::of(&days).expect("text")), [Some("1970-01-01"), Some("2147483647"), None]);
        assert_eq!(rows(&Texts::constant(Some("TPE"), 2)), [Some("TPE"), Some("TPE")]);
    }

    #[test]
    fn floats_that_do_not_tell_whole_numbers_apart_are_found() {
        let largest = 9_007_199_254_740_991.0;
        let floats: ArrayRef =
            Arc::new(Float64Array::from(vec![Some(largest), Some(largest + 1.0), None, Some(-1e300), Some(f64::NAN)]));
        assert_eq!(inexact_rows(&floats).expect("rows"), [1, 3, 4]);
        let narrow: ArrayRef = Arc::new(Float32Array::from(vec![16_777_215.0, 16_777_216.0]));
        assert_eq!(inexact_rows(&narrow).expect("rows"), [1]);
        let integers: ArrayRef = Arc::new(Int64Array::from(vec![i64::MAX]));
        assert!(inexact_rows(&integers).expect("rows").is_empty());
    }
}
