"""The DAG of deploy/airflow, run by Airflow."""

from __future__ import annotations

import os
import subprocess

import pytest
import rfmart
from night import calls, environment_of, published


@pytest.fixture(scope="session")
def airflow(tmp_path_factory):
    """Runs `airflow` over the DAG, with a database of its own."""
    home, programs = tmp_path_factory.mktemp("airflow"), environment_of("airflow")
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(rfmart.ROOT / "deploy/airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "RFMART_RETRY_DELAY_S": "0",
    }

    def run(*arguments, **env):
        command = [programs / "airflow", *map(str, arguments)]
        environment = os.environ | own | {name: str(value) for name, value in env.items()}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    assert run("db", "migrate").returncode == 0
    return run


def test_a_night_publishes_the_day_before(airflow, pipeline):
    done = airflow("dags", "test", "rfmart_night", "2026-11-16", RFMART=rfmart.BINARY, RFMART_PIPELINE=pipeline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2026-11-15" in published(pipeline)


@pytest.mark.parametrize(("codes", "asked"), [((65, 0), 1), ((78, 0), 1), ((75, 69, 0), 3)])
def test_only_codes_that_another_attempt_may_change_are_retried(airflow, ending, codes, asked):
    program = ending(*codes)
    done = airflow("dags", "test", "rfmart_night", "2026-11-16", RFMART=program, RFMART_PIPELINE="chain.yaml")
    assert calls(program) == ["run chain.yaml --as-of 2026-11-15 --log-format json"] * asked
    state = "success" if asked > 1 else "failed"
    assert f"state={state}" in done.stdout + done.stderr
