//! A column of texts while it is read.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Builder, StringBuilder};
use arrow::datatypes::Int32Type;
use arrow::error::ArrowError;
use xxhash_rust::xxh3::xxh3_64;

use crate::source::id_table::{Entry, IdTable, head};
use crate::source::read::batch::BATCH_ROWS;

/// Bytes of a text, on average.
const TEXT_BYTES: usize = 12;

/// Takes the texts of a batch's rows.
pub(in crate::source) enum TextColumn {
    /// Each on its own.
    Plain(StringBuilder),
    /// Each distinct one once.
    Dictionary(TextDictionary),
}

impl TextColumn {
    /// With a dictionary if the texts repeat.
    pub fn new(repeats: bool) -> Self {
        match repeats {
            true => TextColumn::Dictionary(TextDictionary::default()),
            false => TextColumn::Plain(StringBuilder::with_capacity(BATCH_ROWS, BATCH_ROWS * TEXT_BYTES)),
        }
    }

    /// The next row's text.
    #[inline]
    pub fn append(&mut self, text: Option<&str>) {
        match self {
            TextColumn::Plain(texts) => texts.append_option(text),
            TextColumn::Dictionary(texts) => texts.append(text),
        }
    }

    /// Whether no row has a text, an empty one included.
    pub fn is_null(&self) -> bool {
        let validity = match self {
            TextColumn::Plain(texts) => texts.validity_slice(),
            TextColumn::Dictionary(texts) => texts.keys.validity_slice(),
        };
        validity.is_some_and(|validity| validity.iter().all(|bits| *bits == 0))
    }

    /// The column.
    ///
    /// # Errors
    /// Of arrow.
    pub fn finish(self) -> Result<ArrayRef, ArrowError> {
        match self {
            TextColumn::Plain(mut texts) => Ok(Arc::new(texts.finish())),
            TextColumn::Dictionary(mut texts) => {
                let values = Arc::new(texts.values.finish());
                Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(texts.keys.finish(), values)?))
            }
        }
    }
}

/// The distinct texts, and which of them each row has.
#[derive(Default)]
pub(in crate::source) struct TextDictionary {
    known: IdTable,
    values: StringBuilder,
    count: i32,
    keys: Int32Builder,
}

impl TextDictionary {
    fn append(&mut self, text: Option<&str>) {
        let key = text.map(|text| self.key(text));
        self.keys.append_option(key);
    }

    fn key(&mut self, text: &str) -> i32 {
        let (hash, head) = (xxh3_64(text.as_bytes()), head(text.as_bytes()));
        if let Some(key) = self.known.find(hash, head, text.as_bytes(), self.values.values_slice()) {
            return key;
        }
        // No line is as long; a text that were would never be found again, which does no harm.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let entry = Entry { head, start: self.values.values_slice().len(), length, reference: self.count };
        self.values.append_value(text);
        let bytes = self.values.values_slice();
        self.known.insert(hash, entry, |entry| xxh3_64(entry.text(bytes)));
        self.count += 1;
        entry.reference
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::compute::cast;
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_dictionary_has_each_text_once_and_the_rows_in_order() {
        let rows = [Some("TPE01"), None, Some(""), Some("a branch with a long name"), Some("TPE01"), Some("")];
        for repeats in [false, true] {
            let mut column = TextColumn::new(repeats);
            rows.iter().for_each(|text| column.append(*text));
            assert!(!column.is_null());
            let array = column.finish().expect("a column");
            let plain = cast(&array, &DataType::Utf8).expect("texts");
            assert!(plain.as_string::<i32>().iter().eq(rows), "{plain:?}");
            if repeats {
                assert_eq!(array.as_any_dictionary().values().len(), 3);
            }
        }
    }

    #[test]
    fn a_column_without_texts_is_null() {
        for repeats in [false, true] {
            let mut column = TextColumn::new(repeats);
            [None, None].into_iter().for_each(|text| column.append(text));
            assert!(column.is_null());
        }
    }
}
