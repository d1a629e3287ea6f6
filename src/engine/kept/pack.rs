//! Columns in as few bytes as their values need.
//!
//! Money has 16 bytes and a count 8, for what they may come to. What lies in the work folder seldom needs more than four,
//! and to leave out the others costs no more than to write and read them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, ListArray, PrimitiveArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, Int8Type, Int16Type, Int32Type, Int64Type};
use datafusion::common::{Result, internal_err};

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

/// A whole number, which may fit into fewer bits than it has.
trait Whole: Copy {
    /// A number with as many bits as this one needs beside its sign.
    fn magnitude(self) -> u128;
    /// The number whose lowest 64 bits these are.
    fn low(self) -> i64;
    /// The number itself, if it fits.
    fn of_low(low: i64) -> Self;
}

impl Whole for i32 {
    fn magnitude(self) -> u128 {
        u128::from((self ^ (self >> (i32::BITS - 1))).cast_unsigned())
    }

    fn low(self) -> i64 {
        i64::from(self)
    }

    fn of_low(low: i64) -> Self {
        lowest(low.to_le_bytes(), i32::from_le_bytes)
    }
}

impl Whole for i64 {
    fn magnitude(self) -> u128 {
        u128::from((self ^ (self >> (i64::BITS - 1))).cast_unsigned())
    }

    fn low(self) -> i64 {
        self
    }

    fn of_low(low: i64) -> Self {
        low
    }
}

impl Whole for i128 {
    fn magnitude(self) -> u128 {
        (self ^ (self >> (i128::BITS - 1))).cast_unsigned()
    }

    fn low(self) -> i64 {
        lowest(self.to_le_bytes(), i64::from_le_bytes)
    }

    fn of_low(low: i64) -> Self {
        i128::from(low)
    }
}

/// The number in the lowest `TO` of some bytes.
fn lowest<const FROM: usize, const TO: usize, T>(bytes: [u8; FROM], number: fn([u8; TO]) -> T) -> T {
    number(std::array::from_fn(|place| bytes.get(place).copied().unwrap_or_default()))
}

fn pack_numbers<T: ArrowPrimitiveType<Native: Whole>>(numbers: &PrimitiveArray<T>) -> ArrayRef {
    // Whatever lies under a null is kept, too.
    let all = numbers.values().iter().fold(0, |all, number| all | number.magnitude());
    match u128::BITS - all.leading_zeros() {
        0..8 => Arc::new(narrowed::<T, Int8Type>(numbers, |low| lowest(low.to_le_bytes(), i8::from_le_bytes))),
        8..16 => Arc::new(narrowed::<T, Int16Type>(numbers, |low| lowest(low.to_le_bytes(), i16::from_le_bytes))),
        16..32 => Arc::new(narrowed::<T, Int32Type>(numbers, |low| lowest(low.to_le_bytes(), i32::from_le_bytes))),
        32..64 => Arc::new(narrowed::<T, Int64Type>(numbers, |low| low)),
        _ => Arc::new(numbers.clone()),
    }
}

fn narrowed<T: ArrowPrimitiveType<Native: Whole>, P: ArrowPrimitiveType>(
    numbers: &PrimitiveArray<T>,
    narrow: impl Fn(i64) -> P::Native,
) -> PrimitiveArray<P> {
    let values = numbers.values().iter().map(|number| narrow(number.low())).collect();
    PrimitiveArray::new(values, numbers.nulls().cloned())
}

fn unpack_numbers<T: ArrowPrimitiveType<Native: Whole>>(packed: &ArrayRef) -> Result<PrimitiveArray<T>> {
    Ok(match packed.data_type() {
        DataType::Int8 => widened(packed.as_primitive::<Int8Type>()),
        DataType::Int16 => widened(packed.as_primitive::<Int16Type>()),
        DataType::Int32 => widened(packed.as_primitive::<Int32Type>()),
        DataType::Int64 => widened(packed.as_primitive::<Int64Type>()),
        other => return internal_err!("{other} isn't what numbers are packed into"),
    })
}

fn widened<T, P>(packed: &PrimitiveArray<P>) -> PrimitiveArray<T>
where
    T: ArrowPrimitiveType<Native: Whole>,
    P: ArrowPrimitiveType<Native: Into<i64>>,
{
    let values = packed.values().iter().map(|number| T::Native::of_low((*number).into())).collect();
    PrimitiveArray::new(values, packed.nulls().cloned())
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

    fn of_width<T>(numbers: &[Option<i128>], narrow: fn(i128) -> T) -> Vec<Option<T>> {
        numbers.iter().map(|number| number.map(narrow)).collect()
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(numbers in numbers(), length in 1..5_usize) {
            let narrow = of_width(&numbers, |number| lowest(number.to_le_bytes(), i32::from_le_bytes));
            let wide = of_width(&numbers, i128::low);
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
