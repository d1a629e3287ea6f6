//! `latest_departments(day, department_key, money)`, `merge_latest_departments(list)`,
//! `top_department(list)` and `latest_money(list)`: the department of a customer's latest consumption day.
//!
//! Several departments on that day: the one with the most money, then the first by name; no department
//! comes last. The aggregates keep every department of the latest day, for money of the same department
//! adds up across branches before departments are compared.

use std::cmp::Reverse;
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array, ListArray, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, FieldRef, Fields, Int32Type};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, ColumnarValue, EmitTo, GroupsAccumulator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, create_udf,
};

use super::day_set::is_kept;
use super::single_group::SingleGroup;

const MONEY: DataType = DataType::Decimal128(18, 2);

/// Stands for no department: it sorts after every key.
const NO_DEPARTMENT: i32 = i32::MAX;

fn entry_fields() -> Fields {
    Fields::from(vec![
        Field::new("day", DataType::Date32, false),
        Field::new("department_key", DataType::Int32, false),
        Field::new("money", MONEY, false),
    ])
}

fn item_field() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(entry_fields()), true))
}

fn list_type() -> DataType {
    DataType::List(item_field())
}

/// The two aggregates: of days, and of their own lists.
pub fn functions() -> [LatestDepartments; 2] {
    let of = |name, inputs| LatestDepartments { name, signature: Signature::exact(inputs, Volatility::Immutable) };
    [
        of("latest_departments", vec![DataType::Date32, DataType::Int32, MONEY]),
        of("merge_latest_departments", vec![list_type()]),
    ]
}

/// See the module's documentation.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct LatestDepartments {
    name: &'static str,
    signature: Signature,
}

impl AggregateUDFImpl for LatestDepartments {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(list_type())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types: Vec<DataType> = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Box::new(SingleGroup::new(Groups::default(), &types)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "departments"), list_type(), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::<Groups>::default())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    group: usize,
    department_key: i32,
    day: i32,
    money: i128,
}

/// Entries of each group's latest day so far; those of earlier days are dropped when they are in the way.
#[derive(Default)]
struct Groups {
    entries: Vec<Entry>,
    /// Latest day per group; `i32::MIN` while there is none.
    latest: Vec<i32>,
    /// Entries that were left when they were last settled.
    settled: usize,
}

impl Groups {
    fn push(&mut self, entry: Entry) {
        if let Some(latest) = self.latest.get_mut(entry.group)
            && entry.day >= *latest
        {
            *latest = entry.day;
            self.entries.push(entry);
        }
    }

    /// Leaves one entry per group and department of the group's latest day, in that order.
    fn settle(&mut self) {
        let latest = &self.latest;
        self.entries.retain(|entry| latest.get(entry.group) == Some(&entry.day));
        self.entries.sort_unstable();
        self.entries.dedup_by(|later, kept| {
            let is_same = later.group == kept.group && later.department_key == kept.department_key;
            if is_same {
                kept.money += later.money;
            }
            is_same
        });
        self.settled = self.entries.len();
    }

    fn push_days(&mut self, columns: [&ArrayRef; 3], groups: &[usize], filter: Option<&BooleanArray>) {
        let [days, departments, money] = columns;
        let days = days.as_primitive::<Date32Type>();
        let departments = departments.as_primitive::<Int32Type>();
        let money = money.as_primitive::<Decimal128Type>();
        for (row, &group) in groups.iter().enumerate() {
            if days.is_valid(row) && is_kept(filter, row) {
                let department_key = if departments.is_valid(row) { departments.value(row) } else { NO_DEPARTMENT };
                let money = if money.is_valid(row) { money.value(row) } else { 0 };
                self.push(Entry { group, department_key, day: days.value(row), money });
            }
        }
    }

    fn push_lists(&mut self, lists: &ListArray, groups: &[usize], filter: Option<&BooleanArray>) {
        for (row, &group) in groups.iter().enumerate() {
            if lists.is_valid(row) && is_kept(filter, row) {
                for (department_key, day, money) in entries_of(lists, row) {
                    self.push(Entry { group, department_key, day, money });
                }
            }
        }
    }
}

/// The (department key, day, money) entries of list `row`.
fn entries_of(lists: &ListArray, row: usize) -> impl Iterator<Item = (i32, i32, i128)> {
    let entries = lists.values().as_struct();
    let days = entries.column(0).as_primitive::<Date32Type>();
    let departments = entries.column(1).as_primitive::<Int32Type>();
    let money = entries.column(2).as_primitive::<Decimal128Type>();
    let offsets = lists.value_offsets();
    let bound = |at: usize| offsets.get(at).and_then(|&offset| usize::try_from(offset).ok()).unwrap_or(0);
    (bound(row)..bound(row + 1)).map(move |at| (departments.value(at), days.value(at), money.value(at)))
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.latest.resize(total_num_groups, i32::MIN);
        match values {
            [days, departments, money] => self.push_days([days, departments, money], group_indices, filter),
            [lists] => self.push_lists(lists.as_list::<i32>(), group_indices, filter),
            _ => return internal_err!("latest_departments takes three arguments"),
        }
        const WORTH_SETTLING: usize = 1 << 20;
        if self.entries.len() > WORTH_SETTLING.max(2 * self.settled) {
            self.settle();
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.settle();
        let group_count = emit_to.take_needed(&mut self.latest).len();
        let end = self.entries.partition_point(|entry| entry.group < group_count);
        let rest = self.entries.split_off(end);
        let emitted = std::mem::replace(&mut self.entries, rest);
        for entry in &mut self.entries {
            entry.group -= group_count;
        }
        self.settled = self.entries.len();

        let mut lengths = vec![0_usize; group_count];
        for entry in &emitted {
            if let Some(length) = lengths.get_mut(entry.group) {
                *length += 1;
            }
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from_iter_values(emitted.iter().map(|entry| entry.day))),
            Arc::new(Int32Array::from_iter_values(emitted.iter().map(|entry| entry.department_key))),
            Arc::new(Decimal128Array::from_iter_values(emitted.iter().map(|entry| entry.money)).with_data_type(MONEY)),
        ];
        let entries = StructArray::try_new(entry_fields(), columns, None)?;
        Ok(Arc::new(ListArray::try_new(item_field(), OffsetBuffer::from_lengths(lengths), Arc::new(entries), None)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |column| column.len());
        let mut each = Groups::default();
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.latest.capacity() * size_of::<i32>()
    }
}

/// The department with the most money, then the first by name; null for an empty list.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TopDepartment {
    signature: Signature,
}

impl Default for TopDepartment {
    fn default() -> Self {
        TopDepartment { signature: Signature::exact(vec![list_type()], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for TopDepartment {
    fn name(&self) -> &str {
        "top_department"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [lists] = &ColumnarValue::values_to_arrays(&args.args)?[..] else {
            return internal_err!("top_department takes one argument");
        };
        let lists = lists.as_list::<i32>();
        let top: Int32Array = (0..lists.len())
            .map(|row| {
                if lists.is_null(row) {
                    return None;
                }
                let (department_key, ..) =
                    entries_of(lists, row).max_by_key(|(key, _, money)| (*money, Reverse(*key)))?;
                (department_key != NO_DEPARTMENT).then_some(department_key)
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(top)))
    }
}

/// The money of all departments together; zero for an empty list.
pub fn latest_money() -> ScalarUDF {
    create_udf("latest_money", vec![list_type()], MONEY, Volatility::Immutable, Arc::new(sum_of_money))
}

fn sum_of_money(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let [lists] = &ColumnarValue::values_to_arrays(arguments)?[..] else {
        return internal_err!("latest_money takes one argument");
    };
    let lists = lists.as_list::<i32>();
    let money = |row| if lists.is_null(row) { 0 } else { entries_of(lists, row).map(|(.., money)| money).sum() };
    let sums: Decimal128Array = (0..lists.len()).map(|row| Some(money(row))).collect();
    Ok(ColumnarValue::Array(Arc::new(sums.with_data_type(MONEY))))
}
