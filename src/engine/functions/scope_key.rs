//! `scope_key(dimension, branch_key, department_key, item_key)`: the scope group that a row counts in, by one dimension.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int32Array};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::source::ScopeKeys;

/// See the module's documentation.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ScopeKey {
    keys: ScopeKeys,
    signature: Signature,
}

impl ScopeKey {
    /// The function over these keys.
    pub fn new(keys: ScopeKeys) -> Self {
        let arguments = vec![DataType::Utf8, DataType::Int32, DataType::Int32, DataType::Int32];
        ScopeKey { keys, signature: Signature::exact(arguments, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ScopeKey {
    fn name(&self) -> &'static str {
        "scope_key"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [dimensions, branches, departments, items] = arrays.as_slice() else {
            return internal_err!("scope_key takes four arguments");
        };
        let key = |keys: &Int32Array, row: usize| keys.is_valid(row).then(|| keys.value(row));
        let branches = branches.as_primitive::<Int32Type>();
        let departments = departments.as_primitive::<Int32Type>();
        let items = items.as_primitive::<Int32Type>();
        let mut scope_keys = Int32Array::builder(branches.len());
        for (row, dimension) in dimensions.as_string::<i32>().iter().enumerate() {
            scope_keys.append_option(match dimension {
                Some("chain") => self.keys.chain,
                Some("branch") => key(branches, row),
                Some("department") => sum(self.keys.first_department, key(departments, row)),
                Some("item") => sum(self.keys.first_item, key(items, row)),
                Some(other) => {
                    return exec_err!("'{other}' is no dimension: write chain, branch, department or item");
                }
                None => None,
            });
        }
        Ok(ColumnarValue::Array(Arc::new(scope_keys.finish())))
    }
}

fn sum(first: Option<i32>, key: Option<i32>) -> Option<i32> {
    first?.checked_add(key?)
}
