-- The chain's figures beside those of the period before and the year before. Shares differ by points, all else by a part
-- of what it was. On a closing day, a metric that is told to date is that of the whole period.
-- Grain: metric.
select
    headline.metric,
    coalesce(whole.$name, dim_metric.$name) as label,
    dim_metric.direction,
    dim_metric.unit like 'share%' as is_share,
    headline.value,
    headline.previous_value,
    headline.year_before_value,
    headline.value / nullif(headline.previous_value, 0) - 1 as to_previous,
    headline.value / nullif(headline.year_before_value, 0) - 1 as to_year_before,
    100 * (headline.value - headline.previous_value) as points_to_previous,
    100 * (headline.value - headline.year_before_value) as points_to_year_before,
    list_position(
        [
            'revenue', 'consuming_customers', 'average_transaction_value', 'new_customers', 'retention_rate_to_date',
            'repurchase_rate', 'visits', 'orders', 'customers', 'active_customers', 'active_to_vip_customers',
            'reactivated_customers', 'recalled_customers', 'dormant_to_date_customers', 'lost_to_date_customers', 'leads'
        ],
        headline.metric
    ) as place
from headline
inner join dim_metric on headline.metric = dim_metric.metric and dim_metric.as_of = $as_of
left join dim_metric as whole
    on
        $is_period_end
        and whole.metric = regexp_replace(headline.metric, '_to_date$', '')
        and whole.as_of = $as_of
where headline.value is not null
