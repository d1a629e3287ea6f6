"""A night of rfmart as a Dagster asset: a partition is a day, tried again where the exit code asks for it.

    dagster dev -f rfmart_night.py

What differs from place to place is read from the environment:

    RFMART                the binary [default: rfmart]
    RFMART_PIPELINE       the pipeline file [default: /etc/rfmart/pipeline.yaml]
    RFMART_TIMEZONE       the pipeline's timezone [default: Asia/Taipei]
    RFMART_RETRY_DELAY_S  seconds between two attempts [default: 600]
"""

import json
import os
import subprocess

import dagster

RFMART = os.environ.get("RFMART", "rfmart")
PIPELINE = os.environ.get("RFMART_PIPELINE", "/etc/rfmart/pipeline.yaml")
TIMEZONE = os.environ.get("RFMART_TIMEZONE", "Asia/Taipei")
RETRY_DELAY_S = int(os.environ.get("RFMART_RETRY_DELAY_S", "600"))
MAX_RETRIES = 5

# Storage that can't be reached, another run that won or a signal, and a kill (mostly for memory, 137 in a container).
# The others stay as they are until someone acts.
RETRIED = {69, 75, 137, -9}

DAYS = dagster.DailyPartitionsDefinition(start_date="2026-01-01", timezone=TIMEZONE)


def told(answer: dict) -> dict[str, dagster.MetadataValue | str | int]:
    """What Dagster shows of a run, out of its answer (docs/json)."""
    shown = {"outcome": answer["outcome"], "commit": answer["commit"], "period": answer["period"]}
    if published := answer["published"]:
        shown["dagster/row_count"] = sum(table["rows"] for table in published["tables"])
        shown["warnings"] = dagster.MetadataValue.json(published["warnings"])
        shown["tables"] = dagster.MetadataValue.json(published["tables"])
    return shown


@dagster.asset(
    partitions_def=DAYS,
    group_name="rfmart",
    kinds={"parquet"},
    # One run per pipeline at a time: two would race for the commit.
    pool="rfmart",
)
def rfmart_snapshot(context: dagster.AssetExecutionContext) -> dagster.MaterializeResult:
    """The published tables as of the partition's day."""
    command = [RFMART, "run", PIPELINE, "--as-of", context.partition_key, "--format", "json"]
    # What it logs goes to the step's own stderr.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        try:
            answer, _ = run.communicate()
        except BaseException:
            # Dagster stops the step: a run that is asked to stop leaves nothing behind.
            run.terminate()
            raise
    code = run.returncode
    if code == 0:
        return dagster.MaterializeResult(metadata=told(json.loads(answer)))
    failed = f"rfmart ended with exit code {code}; deploy/README.md says what to do"
    if code in RETRIED:
        raise dagster.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=RETRY_DELAY_S) from RuntimeError(failed)
    raise dagster.Failure(failed, allow_retries=False)


night = dagster.define_asset_job("rfmart_night", selection=[rfmart_snapshot])

definitions = dagster.Definitions(
    assets=[rfmart_snapshot],
    jobs=[night],
    # After midnight there, when the last branch has exported; it takes the day before.
    schedules=[dagster.build_schedule_from_partitioned_job(night, hour_of_day=2, minute_of_hour=30)],
)
