"""The asset of deploy/dagster, run by Dagster's own executor."""

from __future__ import annotations

import os
import subprocess

import pytest
import rfmart
from night import calls, environment_of, published


@pytest.fixture(scope="session")
def dagster(tmp_path_factory):
    """Materializes a day's partition by Dagster's own command."""
    home, programs = tmp_path_factory.mktemp("dagster"), environment_of("dagster")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    def run(day, **env):
        definitions = rfmart.ROOT / "deploy/dagster/rfmart_night.py"
        asset = ("asset", "materialize", "--select", "rfmart_snapshot", "--partition", day, "-f", definitions)
        command = [programs / "dagster", *map(str, asset)]
        own = {"DAGSTER_HOME": str(home), "RFMART_RETRY_DELAY_S": "0"}
        environment = os.environ | own | {name: str(value) for name, value in env.items()}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    return run


def test_a_partition_is_the_snapshot_of_its_day(dagster, pipeline):
    done = dagster("2026-11-17", RFMART=rfmart.BINARY, RFMART_PIPELINE=pipeline)
    assert done.returncode == 0, done.stderr
    assert "2026-11-17" in published(pipeline)
    assert "ASSET_MATERIALIZATION" in done.stderr


@pytest.mark.parametrize(("codes", "asked"), [((65, 0), 1), ((78, 0), 1), ((75, 69, 0), 3)])
def test_only_codes_that_another_attempt_may_change_are_retried(dagster, ending, codes, asked):
    program = ending(*codes)
    done = dagster("2026-11-17", RFMART=program, RFMART_PIPELINE="chain.yaml")
    assert calls(program) == ["run chain.yaml --as-of 2026-11-17 --format json"] * asked
    assert (done.returncode == 0) == (asked > 1), done.stderr
