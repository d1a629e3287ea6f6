//! `<domain>_key(ref)`, `object_no(ref)` and `<domain>_id(key)`: look-ups in the run's dictionaries.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::source::Dictionary;

fn int_to_something() -> Signature {
    Signature::exact(vec![DataType::Int32], Volatility::Immutable)
}

/// A function is the same only over the very same dictionary.
macro_rules! same_dictionary {
    ($function:ty) => {
        impl PartialEq for $function {
            fn eq(&self, other: &Self) -> bool {
                self.name == other.name && Arc::ptr_eq(&self.dictionary, &other.dictionary)
            }
        }

        impl Eq for $function {}

        impl Hash for $function {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.name.hash(state);
                Arc::as_ptr(&self.dictionary).hash(state);
            }
        }
    };
}

/// Key of a reference.
#[derive(Debug)]
pub struct Key {
    name: String,
    dictionary: Arc<Dictionary>,
    signature: Signature,
}

impl Key {
    /// `<domain>_key`.
    pub fn new(domain: &str, dictionary: Arc<Dictionary>) -> Self {
        Key::named(format!("{domain}_key"), dictionary)
    }

    /// Under a name of its own.
    pub fn named(name: impl Into<String>, dictionary: Arc<Dictionary>) -> Self {
        Key { name: name.into(), dictionary, signature: int_to_something() }
    }
}

same_dictionary!(Key);

impl ScalarUDFImpl for Key {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [refs] = &ColumnarValue::values_to_arrays(&args.args)?[..] else {
            return internal_err!("{} takes one argument", self.name);
        };
        Ok(ColumnarValue::Array(take(&self.dictionary.key_of_ref, refs, None)?))
    }
}

/// Id of a key.
#[derive(Debug)]
pub struct Id {
    name: String,
    dictionary: Arc<Dictionary>,
    signature: Signature,
}

impl Id {
    /// `<domain>_id`.
    pub fn new(domain: &str, dictionary: Arc<Dictionary>) -> Self {
        Id { name: format!("{domain}_id"), dictionary, signature: int_to_something() }
    }
}

same_dictionary!(Id);

impl ScalarUDFImpl for Id {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [keys] = &ColumnarValue::values_to_arrays(&args.args)?[..] else {
            return internal_err!("{} takes one argument", self.name);
        };
        Ok(ColumnarValue::Array(take(&self.dictionary.id_of_key, keys, None)?))
    }
}
