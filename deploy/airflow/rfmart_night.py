"""A night of rfmart as an Airflow DAG, for Airflow 3: one run per day, tried again where the exit code asks for it.

Copy it into the folder of DAGs. What differs from place to place is read from the environment of Airflow's workers:

    RFMART                the binary [default: rfmart]
    RFMART_PIPELINE       the pipeline file [default: /etc/rfmart/pipeline.yaml]
    RFMART_TIMEZONE       the pipeline's timezone [default: Asia/Taipei]
    RFMART_RETRY_DELAY_S  seconds between two attempts [default: 600]
"""

from __future__ import annotations

import datetime
import os
import subprocess
import zoneinfo

from airflow.sdk import CronDataIntervalTimetable, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

RFMART = os.environ.get("RFMART", "rfmart")
PIPELINE = os.environ.get("RFMART_PIPELINE", "/etc/rfmart/pipeline.yaml")
TIMEZONE = os.environ.get("RFMART_TIMEZONE", "Asia/Taipei")
RETRY_DELAY = datetime.timedelta(seconds=int(os.environ.get("RFMART_RETRY_DELAY_S", "600")))

# Storage that can't be reached, another run that won or a signal, and a kill (mostly for memory, 137 in a container).
# The others stay as they are until someone acts.
RETRIED = {69, 75, 137, -9}


@dag(
    dag_id="rfmart_night",
    description="Publishes the snapshot of the day that is over.",
    # After midnight there, when the last branch has exported.
    schedule=CronDataIntervalTimetable("30 2 * * *", timezone=TIMEZONE),
    start_date=datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo(TIMEZONE)),
    # A missed night is `rfmart backfill`, which knows what is published.
    catchup=False,
    max_active_runs=1,
    tags=["rfmart"],
)
def rfmart_night():
    """One task: a run is one process."""

    @task(retries=5, retry_delay=RETRY_DELAY, execution_timeout=datetime.timedelta(hours=2))
    def publish(data_interval_start=None) -> str:
        """Publishes the day that the interval begins on, and returns it."""
        as_of = data_interval_start.astimezone(zoneinfo.ZoneInfo(TIMEZONE)).date().isoformat()
        command = [RFMART, "run", PIPELINE, "--as-of", as_of, "--log-format", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
            try:
                for line in run.stdout:
                    print(line, end="")
                code = run.wait()
            except BaseException:
                # Airflow stops the task, or its time is over: a run that is asked to stop leaves nothing behind.
                run.terminate()
                raise
        if code == 0:
            return as_of
        failed = f"rfmart ended with exit code {code}; deploy/README.md says what to do"
        raise AirflowException(failed) if code in RETRIED else AirflowFailException(failed)

    publish()


rfmart_night()
