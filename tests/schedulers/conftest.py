"""A small chain, and a program that ends as it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest
import rfmart

# Ends with the next of the codes in the file beside it, and notes what it was asked.
STAND_IN = """#!/bin/sh
echo "$@" >>"$0.calls"
echo '{"outcome": "up_to_date", "commit": 1, "period": "2026-11", "published": null}'
code=$(head -n 1 "$0.codes")
sed -i 1d "$0.codes"
exit "$code"
"""


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory):
    """A chain's pipeline file."""
    folder = tmp_path_factory.mktemp("chain") / "chain"
    size = ("--branches", "2", "--customers", "60", "--months", "4")
    rfmart.succeed("generate", folder, *size, "--until", "2026-11-20")
    return folder / "pipeline.yaml"


@pytest.fixture
def ending(tmp_path):
    """Makes a program that ends with these codes, one after the other."""

    def make(*codes: int) -> Path:
        program = tmp_path / "rfmart"
        program.write_text(STAND_IN)
        program.chmod(0o755)
        Path(f"{program}.codes").write_text("".join(f"{code}\n" for code in codes))
        return program

    return make
