-- Where staff is told, what is sold by them and by nobody is all that the branch sold, in this period and to the cent;
-- nobody has more new customers than customers, nor more of these than days of theirs.
with
staff as (
    select branch_id, revenue, paying_days, paying_customers, new_customers from fct_staff_performance
),

has_staff as (
    select count(*) > 0 as has_staff from staff
),

sold as (
    select
        branch_id,
        sum(revenue) as revenue
    from staff
    group by branch_id
),

branches as (
    select scope_id as branch_id, revenue from fct_period_summary
    where scope = 'branch'
)

select
    branches.branch_id,
    branches.revenue,
    coalesce(sold.revenue, 0) as staff_revenue
from has_staff
cross join branches
left join sold on branches.branch_id = sold.branch_id
where has_staff.has_staff and branches.revenue <> coalesce(sold.revenue, 0)
union all
select
    branch_id,
    revenue,
    revenue as staff_revenue
from staff
where new_customers > paying_customers or paying_customers > paying_days
