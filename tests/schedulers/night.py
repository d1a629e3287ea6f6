"""The schedulers in environments of their own, and what a night has done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import rfmart


def environment_of(scheduler: str) -> Path:
    """Where the programs of a scheduler are, installed once."""
    requirements = rfmart.ROOT / "deploy" / scheduler / "requirements.txt"
    command = [rfmart.ROOT / "scripts/venv.sh", scheduler, requirements]
    env = os.environ | {"PYTHON": sys.executable}
    return Path(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip())


def calls(program: Path) -> list[str]:
    """What the program was asked, in order."""
    return Path(f"{program}.calls").read_text().splitlines()


def published(pipeline: Path) -> list[str]:
    """The days that are published."""
    return [line.split()[1] for line in rfmart.succeed("runs", pipeline).stdout.splitlines()[1:]]
