-- Of each entity and branch, rows read = used + duplicates + after as_of + rejected.
select
    int_row_count.entity,
    run_branch.branch_id,
    int_row_count.read,
    int_row_count.used,
    int_row_count.duplicates,
    int_row_count.after_as_of,
    int_row_count.rejected
from int_row_count
left join run_branch on int_row_count.branch_key = run_branch.branch_key
where
    int_row_count.read
    <> int_row_count.used + int_row_count.duplicates + int_row_count.after_as_of + int_row_count.rejected
order by int_row_count.entity asc, run_branch.branch_id asc
