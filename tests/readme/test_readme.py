"""The README's first five minutes: its commands, and what it says that they print."""

import os
import pathlib
import re
import subprocess
import sys

README = pathlib.Path("README.md").resolve()


def block(language: str, holds: str) -> str:
    """The README's one block of `language` that holds a text."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    [found] = [text for text in blocks if holds in text]
    return found


def plain(text: str) -> list[str]:
    """Lines without what differs from run to run: places, seconds, memory, sizes."""
    text = re.sub(r"\d[\d.]* (KiB|MiB|GiB|B|s)\b", "…", text)
    text = re.sub(r"/\S+/warehouse/", "…/warehouse/", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_commands_print_what_the_readme_says(tmp_path):
    rfmart = pathlib.Path(os.environ["RFMART"])
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rfmart").symlink_to(rfmart)
    path = os.pathsep.join([str(tmp_path / "bin"), str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block("sh", "rfmart init cdnow.csv")],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = plain(done.stdout)
    shown = plain(block("text", "Wrote cdnow.yaml"))
    # The README leaves out what pip says, and lines between dots.
    rest = iter(printed)
    missing = [line for line in shown if line != "…" and line not in rest]
    assert not missing, f"not printed in this order: {missing}\n" + "\n".join(printed)
    assert "CHECK" in (tmp_path / "cdnow.yaml").read_text("utf-8")
    guesses = plain(block("yaml", "# guessed from the header 'date'"))
    written = plain((tmp_path / "cdnow.yaml").read_text("utf-8"))
    assert [line for line in guesses if line not in written] == []
