-- What high-value actions bring, against like customers who took none.
-- Grain: action.
select
    action,
    customers,
    like_customers,
    median_jump,
    like_median_jump,
    median_lift,
    mean_lift,
    median_amount
from fct_hva_effect
where as_of = $as_of and scope = 'chain'
order by median_lift desc, action asc
