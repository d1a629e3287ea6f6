-- Every stage is in dim_stage and every segment in dim_segment.
with
used as (
    select 'stage' as kind, stage as code, count(*) as customers from fct_lifecycle_snapshot
    group by stage
    union all
    select 'segment' as kind, segment as code, count(*) as customers from fct_customer_rfm
    group by segment
),

known as (
    select 'stage' as kind, stage as code from dim_stage
    union all
    select 'segment' as kind, segment as code from dim_segment
)

select
    used.kind,
    used.code,
    used.customers
from used
where not exists (select 1 from known where known.kind = used.kind and known.code = used.code)
