//! Columns in as few bytes as their values need.
//!
//! Money has 16 bytes and a count 8, for what they may come to. What lies in the work folder seldom needs more than four,
//! and to leave out the others costs no more than to write and read them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, ListArray, PrimitiveArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, Int8Type, Int16Type, Int32Type, Int64Type};
use datafusion::common::{Result, internal_err};
use num_traits::{AsPrimitive, PrimInt, Zero};

/// The same values as the narrowest whole numbers that hold them all; what isn't of whole numbers stays as it is.
pub fn pack(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Int32 => pack_numbers(values.as_primitive::<Int32Type>()),
        DataType::Date32 => pack_numbers(values.as_primitive::<Date32Type>()),
        DataType::Int64 => pack_numbers(values.as_primitive::<Int64Type>()),
        DataType::Decimal128(..) => pack_numbers(values.as_primitive::<Decimal128Type>()),
        DataType::List(field) => {
            let lists = values.as_list::<i32>();
            let packed = pack(lists.values());
            let field = Field::new(field.name(), packed.data_type().clone(), field.is_nullable());
            Arc::new(ListArray::new(Arc::new(field), lists.offsets().clone(), packed, lists.nulls().cloned()))
        }
        _ => Arc::clone(values),
    }
}

/// What [`pack`] was given; its type was `data_type`.
///
/// # Errors
/// It can't have been given anything of this type.
pub fn unpack(packed: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    if packed.data_type() == data_type {
        return Ok(Arc::clone(packed));
    }
    Ok(match data_type {
        DataType::Int32 => Arc::new(unpack_numbers::<Int32Type>(packed)?),
        DataType::Date32 => Arc::new(unpack_numbers::<Date32Type>(packed)?),
        DataType::Int64 => Arc::new(unpack_numbers::<Int64Type>(packed)?),
        DataType::Decimal128(..) => {
            Arc::new(unpack_numbers::<Decimal128Type>(packed)?.with_data_type(data_type.clone()))
        }
        DataType::List(field) if matches!(packed.data_type(), DataType::List(_)) => {
            let lists = packed.as_list::<i32>();
            let values = unpack(lists.values(), field.data_type())?;
            Arc::new(ListArray::new(Arc::clone(field), lists.offsets().clone(), values, lists.nulls().cloned()))
        }
        other => return internal_err!("{} isn't what {other} is packed into", packed.data_type()),
    })
}

/// All values fit into as many bits as the one that needs most; whatever lies under a null is kept, too.
fn pack_numbers<T>(numbers: &PrimitiveArray<T>) -> ArrayRef
where
    T: ArrowPrimitiveType,
    T::Native: PrimInt + AsPrimitive<i8> + AsPrimitive<i16> + AsPrimitive<i32> + AsPrimitive<i64>,
{
    let zero = T::Native::zero();
    let width = zero.count_zeros();
    let all = numbers.values().iter().fold(zero, |all, number| all | (*number ^ number.signed_shr(width - 1)));
    // Beside the sign.
    match width - all.leading_zeros() {
        0..8 => Arc::new(recast::<T, Int8Type>(numbers)),
        8..16 => Arc::new(recast::<T, Int16Type>(numbers)),
        16..32 => Arc::new(recast::<T, Int32Type>(numbers)),
        32..64 => Arc::new(recast::<T, Int64Type>(numbers)),
        _ => Arc::new(numbers.clone()),
    }
}

fn unpack_numbers<T: ArrowPrimitiveType>(packed: &ArrayRef) -> Result<PrimitiveArray<T>>
where
    i8: AsPrimitive<T::Native>,
    i16: AsPrimitive<T::Native>,
    i32: AsPrimitive<T::Native>,
    i64: AsPrimitive<T::Native>,
{
    Ok(match packed.data_type() {
        DataType::Int8 => recast(packed.as_primitive::<Int8Type>()),
        DataType::Int16 => recast(packed.as_primitive::<Int16Type>()),
        DataType::Int32 => recast(packed.as_primitive::<Int32Type>()),
        DataType::Int64 => recast(packed.as_primitive::<Int64Type>()),
        other => return internal_err!("{other} isn't what numbers are packed into"),
    })
}

/// The same numbers, which fit, in another width.
fn recast<F: ArrowPrimitiveType<Native: AsPrimitive<T::Native>>, T: ArrowPrimitiveType>(
    numbers: &PrimitiveArray<F>,
) -> PrimitiveArray<T> {
    numbers.unary(AsPrimitive::as_)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Decimal128Array, Int32Array, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;

    /// Numbers up to some width, nulls among them.
    fn numbers() -> impl Strategy<Value = Vec<Option<i128>>> {
        (0..i128::BITS).prop_flat_map(|shift| {
            prop::collection::vec(
                prop::option::weighted(0.9, any::<i128>().prop_map(move |number| number >> shift)),
                0..40,
            )
        })
    }

    fn of_width<T: Copy + 'static>(numbers: &[Option<i128>]) -> Vec<Option<T>>
    where
        i128: AsPrimitive<T>,
    {
        numbers.iter().map(|number| number.map(AsPrimitive::as_)).collect()
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(numbers in numbers(), length in 1..5_usize) {
            let narrow = of_width::<i32>(&numbers);
            let wide = of_width::<i64>(&numbers);
            let lists = narrow.chunks(length).map(|list| Some(list.to_vec()));
            let money = Decimal128Array::from(numbers).with_data_type(DataType::Decimal128(18, 2));
            let columns: [ArrayRef; 6] = [
                Arc::new(Int32Array::from(narrow.clone())),
                Arc::new(Date32Array::from(narrow.clone())),
                Arc::new(Int64Array::from(wide)),
                Arc::new(money),
                Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists)),
                Arc::new(narrow.iter().map(|number| number.map(|number| number.to_string())).collect::<StringArray>()),
            ];
            for column in columns {
                let whole = unpack(&pack(&column), column.data_type()).expect("unpacked");
                prop_assert_eq!(&whole, &column);
                let rest = column.slice(column.len() / 2, column.len() - column.len() / 2);
                prop_assert_eq!(&unpack(&pack(&rest), column.data_type()).expect("unpacked"), &rest);
            }
        }
    }

    #[test]
    fn a_column_has_the_width_of_its_widest_number() {
        let width =
            |numbers: &[i64]| pack(&(Arc::new(Int64Array::from(numbers.to_vec())) as ArrayRef)).data_type().clone();
        assert_eq!(width(&[]), DataType::Int8);
        assert_eq!(width(&[-128, 127]), DataType::Int8);
        assert_eq!(width(&[128]), DataType::Int16);
        assert_eq!(width(&[0, -129]), DataType::Int16);
        assert_eq!(width(&[-32_769, 0]), DataType::Int32);
        assert_eq!(width(&[i64::from(i32::MAX)]), DataType::Int32);
        assert_eq!(width(&[i64::from(i32::MAX) + 1]), DataType::Int64);
        assert_eq!(width(&[i64::MIN]), DataType::Int64);
    }

    #[test]
    fn what_was_packed_from_another_type_is_refused() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        assert!(unpack(&texts, &DataType::Int64).is_err());
        assert!(unpack(&pack(&(Arc::new(Int64Array::from(vec![1])) as ArrayRef)), &DataType::Utf8).is_err());
    }
}
