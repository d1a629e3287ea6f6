-- Days up to as_of in every scope group but the chain, which is made of the branches: the branches, and where the
-- pipeline asks for them departments and items.
-- Grain: scope_key, branch_key, customer_key, department_key, day; scope_key is null for leads of no branch, branch_key
-- for items, whose days are those of all branches.
with
branch_days as (
    select
        branch_key as scope_key,
        branch_key, customer_key, department_key, day, revenue, visits, sales, paying_sales, paid, is_consumption,
        profit, lines_without_profit
    from int_consumption_day
),

department_days as (
    select
        scope_key('department', branch_key, department_key, cast(null as int)) as scope_key,
        branch_key, customer_key, department_key, day, revenue, visits, sales, paying_sales, paid, is_consumption,
        profit, lines_without_profit
    from int_consumption_day
    where $has_department_scope and department_key is not null
),

item_days as (
    select
        scope_key('item', cast(null as int), department_key, item_key) as scope_key,
        cast(null as int) as branch_key, customer_key, department_key, day, revenue, visits, sales, paying_sales, paid,
        is_consumption, profit, lines_without_profit
    from int_item_day
    where $has_item_scope
)

select * from branch_days
union all
select * from department_days
union all
select * from item_days
