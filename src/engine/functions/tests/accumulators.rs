//! Step by step: batches, filters, states of other partitions, and groups that are emitted early.

use arrow::array::new_empty_array;
use arrow::datatypes::{Field, Schema};
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{AggregateUDFImpl, EmitTo, GroupsAccumulator};

use super::super::day_set;
use super::*;

/// One batch, and how many groups leave after it.
#[derive(Clone, Debug)]
struct Step {
    /// `customer` counts from the first group that hasn't left.
    events: Vec<Event>,
    intake: Intake,
    leaving: usize,
}

#[derive(Clone, Copy, Debug)]
enum Intake {
    Update,
    UpdateFiltered,
    MergeConverted,
    MergeConvertedFiltered,
}

fn step() -> impl Strategy<Value = Step> {
    let intake = prop_oneof![
        Just(Intake::Update),
        Just(Intake::UpdateFiltered),
        Just(Intake::MergeConverted),
        Just(Intake::MergeConvertedFiltered),
    ];
    (prop::collection::vec(event(), 0..12), intake, 0..4_usize).prop_map(|(events, intake, leaving)| Step {
        events,
        intake,
        leaving,
    })
}

fn accumulator(function: &dyn AggregateUDFImpl) -> Box<dyn GroupsAccumulator> {
    let return_type = function.return_type(&[]).expect("a type");
    let arguments = AccumulatorArgs {
        return_field: Arc::new(Field::new("result", return_type, true)),
        schema: &Schema::empty(),
        ignore_nulls: false,
        order_bys: &[],
        is_reversed: false,
        name: "result",
        is_distinct: false,
        exprs: &[],
        expr_fields: &[],
    };
    function.create_groups_accumulator(arguments).expect("an accumulator")
}

fn group_of(event: &Event) -> usize {
    usize::try_from(event.customer).expect("a group")
}

/// Drives an accumulator through `steps`; returns, per group in the order of leaving, what came out and what
/// had gone in.
fn drive<T>(
    groups: &mut dyn GroupsAccumulator,
    steps: &[Step],
    arguments: fn(&[Event]) -> Vec<ArrayRef>,
    read: fn(&dyn Array) -> Vec<T>,
) -> Vec<(T, Vec<Event>)> {
    let mut inside: Vec<Vec<Event>> = Vec::new();
    let mut left = Vec::new();
    for step in steps {
        let indices: Vec<usize> = step.events.iter().map(group_of).collect();
        let total = indices.iter().map(|group| group + 1).max().unwrap_or(0).max(inside.len());
        inside.resize(total, Vec::new());
        let (columns, filter) = (arguments(&step.events), kept_column(&step.events));
        let filter = matches!(step.intake, Intake::UpdateFiltered | Intake::MergeConvertedFiltered).then_some(&filter);
        match step.intake {
            Intake::Update | Intake::UpdateFiltered => groups.update_batch(&columns, &indices, filter, total),
            Intake::MergeConverted | Intake::MergeConvertedFiltered => {
                let state = groups.convert_to_state(&columns, filter).expect("a state");
                groups.merge_batch(&state, &indices, total)
            }
        }
        .expect("rows taken in");
        for event in step.events.iter().filter(|event| filter.is_none() || event.is_kept == Some(true)) {
            inside[group_of(event)].push(event.clone());
        }
        let leaving = step.leaving.min(total);
        let results = groups.evaluate(EmitTo::First(leaving)).expect("results");
        assert_eq!(results.len(), leaving);
        left.extend(read(&results).into_iter().zip(inside.drain(..leaving)));
    }
    let state = groups.state(EmitTo::All).expect("a state").remove(0);
    assert_eq!(state.len(), inside.len());
    left.extend(read(&state).into_iter().zip(inside));
    left
}

proptest! {
    #[test]
    fn day_sets_leave_in_the_order_of_groups(steps in prop::collection::vec(step(), 0..8)) {
        let [function, _] = day_set::functions();
        let left = drive(accumulator(&function).as_mut(), &steps, |events| vec![days_column(events)], lists_of_days);
        for (days, events) in left {
            prop_assert_eq!(days, naive_days(&events));
        }
    }
}

#[test]
fn an_accumulator_starts_anew_after_all_groups_have_left() {
    let [function, _] = day_set::functions();
    let mut groups = accumulator(&function);
    for day in [3, 4] {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![day]));
        groups.update_batch(&[days], &[0], None, 1).expect("rows taken in");
        assert_eq!(lists_of_days(&groups.evaluate(EmitTo::All).expect("a result")), [[day]]);
    }
}

/// Feeds the same rows again and again: more of them than any memory should hold.
fn size_after_many_repeats(groups: &mut dyn GroupsAccumulator, columns: &[ArrayRef], row_bytes: usize) {
    const BATCHES: usize = 100;
    let rows = columns[0].len();
    let indices: Vec<usize> = (0..rows).map(|row| row % 10).collect();
    for _ in 0..BATCHES {
        groups.update_batch(columns, &indices, None, 10).expect("rows taken in");
    }
    assert!(groups.size() < BATCHES * rows * row_bytes / 2, "{} bytes are held", groups.size());
}

#[test]
fn repeats_are_dropped_while_rows_come() {
    const ROWS: i32 = 65_536;
    let days: ArrayRef = Arc::new((0..ROWS).map(|row| Some(row / 10 % 7)).collect::<Date32Array>());
    let [function, _] = day_set::functions();
    let mut groups = accumulator(&function);
    size_after_many_repeats(groups.as_mut(), &[Arc::clone(&days)], 8);
    let sets = lists_of_days(&groups.evaluate(EmitTo::All).expect("results"));
    assert_eq!(sets, vec![(0..7).collect::<Vec<i32>>(); 10]);
}

#[test]
fn a_group_without_rows_is_an_empty_list() {
    let [function, _] = day_set::functions();
    let mut groups = accumulator(&function);
    groups.update_batch(&[new_empty_array(&DataType::Date32)], &[], None, 3).expect("rows taken in");
    let lists = groups.evaluate(EmitTo::All).expect("results");
    assert_eq!(lists.null_count(), 0);
    assert_eq!(lists_of_days(&lists), vec![Vec::<i32>::new(); 3]);
}
