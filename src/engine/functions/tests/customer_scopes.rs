//! `customer_scopes` beside sums over the same events, whatever the partitions, the batches and the order of rows.

use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;

use super::sql::{plan_of, runtime, session, session_in_order, table};
use super::*;

const CHAIN: i32 = 10;
const FIRST_DEPARTMENT: i32 = 20;
/// Where the window begins for whom no department stands, though they consumed, and for whom consumed nothing; else it
/// begins on the day that bears the department's number.
const WINDOW_START: i32 = 2;
const OTHER_WINDOW_START: i32 = 3;

const SCOPES: &str = "
    with customers as (
        select
            customer,
            customer_scopes(
                case when branch <> 2 then branch end, department_key, day, money,
                case when branch <> 1 then money end, money, cast(customer as bigint), cast(1 + branch as bigint), is_kept,
                cast(cast(coalesce(department_key, 2) as int) as date), cast(cast(3 as int) as date),
                cast(10 as int), cast(20 as int), true
            ) as scopes
        from events
        group by customer
    ),
    scopes as (select customer, unnest(scopes) as scope from customers)
    select
        customer, get_field(scope, 'scope_key') as scope_key, get_field(scope, 'known_on') as known_on,
        get_field(scope, 'first_consumed_on') as first, get_field(scope, 'last_consumed_on') as last, get_field(scope, 'consumed_days') as days,
        get_field(scope, 'paid_days') as paid_days, get_field(scope, 'paid_cents') as paid_cents,
        get_field(scope, 'department_key') as department, get_field(scope, 'latest_revenue') as latest_revenue,
        get_field(scope, 'monetary') as monetary, get_field(scope, 'lines') as lines, get_field(scope, 'lifetime_monetary') as lifetime_monetary,
        get_field(scope, 'repeat_monetary') as repeat_monetary,
        get_field(scope, 'lifetime_profit') as lifetime_profit, get_field(scope, 'lines_without_profit') as lines_without_profit
    from scopes";

/// One line of text per scope group of each customer, sorted: the planner takes customers for unique after unnest, too,
/// and orders by them alone.
async fn answers(context: &SessionContext) -> Vec<String> {
    let batches = context.sql(SCOPES).await.expect("a plan").collect().await.expect("rows");
    let line = |batch: &RecordBatch, row| {
        let cells = batch.columns().iter().map(|column| array_value_to_string(column, row).expect("a text"));
        cells.collect::<Vec<_>>().join(" ")
    };
    let mut lines: Vec<String> = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(|row| line(batch, row)).collect::<Vec<_>>())
        .collect();
    lines.sort();
    lines
}

/// What the definition says of the events of one scope group.
fn naive_line(customer: i32, scope_key: i32, events: &[&Event]) -> String {
    let day = |day: i32| (chrono::NaiveDate::default() + chrono::TimeDelta::days(day.into())).to_string();
    let money = |cents: i128| array_value_to_string(&money_column(&[amount(cents)]), 0).expect("a text");
    let dated = || events.iter().filter(|event| event.day.is_some());
    let cents = |is_in: &dyn Fn(&Event) -> bool| {
        dated().filter(|event| is_in(event)).map(|event| event.cents.unwrap_or(0)).sum::<i128>()
    };
    let consumed: Vec<&Event> = dated().copied().filter(|event| event.is_kept == Some(true)).collect();
    let days = naive_days(consumed.iter().copied());
    // Of branch 1, everything was refunded.
    let kept: Vec<Event> = consumed
        .iter()
        .map(|event| Event { cents: event.cents.filter(|_| event.branch != 1), ..(*event).clone() })
        .collect();
    let latest = naive_departments(kept.iter());
    let consumers_start = naive_top(&latest).unwrap_or(WINDOW_START);
    let window_start = if consumed.is_empty() { OTHER_WINDOW_START } else { consumers_start };
    let in_window = |event: &Event| event.day >= Some(window_start);
    let lines = dated().filter(|event| in_window(event)).map(|event| 1 + event.branch).sum::<i32>();
    let mut paid: BTreeMap<i32, i128> = BTreeMap::new();
    for (paid_on, cents) in dated().filter_map(|event| event.day.zip(event.cents)).filter(|(_, cents)| *cents != 0) {
        *paid.entry(paid_on).or_default() += cents;
    }
    let or_nothing = |day_text: Option<String>| day_text.unwrap_or_default();
    [
        customer.to_string(),
        scope_key.to_string(),
        day(dated().filter_map(|event| event.day).min().expect("a day")),
        or_nothing(days.first().map(|first| day(*first))),
        or_nothing(days.last().map(|last| day(*last))),
        list(days.iter().map(|other| day(*other))),
        list(paid.keys().map(|paid_on| day(*paid_on))),
        list(paid.values().map(i128::to_string)),
        naive_top(&latest).map(|department| department.to_string()).unwrap_or_default(),
        money(latest.iter().map(|entry| entry.2).sum()),
        money(cents(&in_window)),
        lines.to_string(),
        money(cents(&|_| true)),
        money(cents(&|event| days.first().is_some_and(|first| event.day > Some(*first)))),
        money(cents(&|_| true)),
        (i32::try_from(dated().count()).expect("few") * customer).to_string(),
    ]
    .join(" ")
}

fn list(entries: impl Iterator<Item = String>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(", "))
}

fn amount(cents: i128) -> Event {
    Event { customer: 0, branch: 0, day: None, department: None, cents: Some(cents), is_kept: None }
}

fn naive(events: &[Event]) -> Vec<String> {
    let mut groups: BTreeMap<(i32, i32), Vec<&Event>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.day.is_some()) {
        let branch = Some(event.branch).filter(|branch| *branch != 2);
        let department = event.department.map(|department| FIRST_DEPARTMENT + department);
        for scope_key in [branch, Some(CHAIN), department].into_iter().flatten() {
            groups.entry((event.customer, scope_key)).or_default().push(event);
        }
    }
    let lines = groups.iter().map(|((customer, scope_key), events)| naive_line(*customer, *scope_key, events));
    lines.collect::<BTreeSet<_>>().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_scope_group_is_the_sum_of_its_events(
        events in prop::collection::vec(event(), 0..40),
        partitions in 1..5_usize,
        batch_rows in 1..9_usize,
        gives_up: bool,
    ) {
        let runtime = runtime();
        for target_partitions in [1, 2, 16] {
            let context = session(target_partitions, gives_up);
            context.register_table("events", Arc::new(table(&events, partitions, batch_rows))).expect("a table");
            prop_assert_eq!(runtime.block_on(answers(&context)), naive(&events));
        }
    }

    #[test]
    fn customers_that_come_in_order_leave_in_order(
        mut events in prop::collection::vec(event(), 1..40),
        batch_rows in 1..9_usize,
    ) {
        let context = session_in_order(&mut events, batch_rows);
        let runtime = runtime();
        let plan = runtime.block_on(plan_of(&context, SCOPES));
        prop_assert!(plan.contains("ordering_mode=Sorted"), "{}", plan);
        prop_assert_eq!(runtime.block_on(answers(&context)), naive(&events));
    }
}

#[test]
fn money_beyond_the_type_is_an_error() {
    let context = session(1, false);
    let most: i128 = 999_999_999_999_999_999;
    let event = |day| Event { day: Some(day), ..amount(most) };
    context.register_table("events", Arc::new(table(&[event(1), event(2)], 1, 8))).expect("a table");
    let cause =
        runtime().block_on(async { context.sql(SCOPES).await.expect("a plan").collect().await }).expect_err("an error");
    assert!(cause.to_string().contains("a customer's money overflows"), "{cause}");
}

/// The department of one customer whose events on one day are (department, cents).
fn top(events: &[(Option<i32>, i128)]) -> Option<i32> {
    let events = events.iter().map(|(department, cents)| Event {
        day: Some(1),
        department: *department,
        is_kept: Some(true),
        ..amount(*cents)
    });
    let context = session(1, false);
    context.register_table("events", Arc::new(table(&events.collect::<Vec<_>>(), 1, 8))).expect("a table");
    let answers = runtime().block_on(answers(&context));
    let chain = answers.iter().find(|line| line.starts_with(&format!("0 {CHAIN} "))).expect("the chain");
    chain.split(' ').nth(8).expect("a department").parse().ok()
}

#[test]
fn the_department_with_the_most_money_wins_then_the_first_by_name_and_none_comes_last() {
    assert_eq!(top(&[(Some(0), 100), (Some(1), 200)]), Some(1));
    assert_eq!(top(&[(Some(0), 100), (Some(1), 60), (Some(1), 60)]), Some(1), "money of one department adds up");
    assert_eq!(top(&[(Some(2), 100), (Some(1), 100)]), Some(1), "a tie goes to the first by name");
    assert_eq!(top(&[(None, 100), (Some(1), 100)]), Some(1), "a tie with no department goes to the department");
    assert_eq!(top(&[(None, 200), (Some(1), 100)]), None, "most of the money was spent in no department");
    assert_eq!(top(&[(Some(1), -100), (Some(2), -200)]), Some(1), "a refund counts against its department");
    assert_eq!(top(&[(None, 0)]), None);
}
