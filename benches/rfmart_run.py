"""Runs of rfmart: which tables, where to, within which limits; and what its log tells of each model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import measure

THREADS, MEMORY_GIB = 2, 8
LEAST_SHARE = 0.01
"""Cheaper models are summed up in one line."""


@dataclass(frozen=True)
class Rfmart:
    """A binary and a pipeline with its data."""

    binary: str
    data: Path

    def run(
        self,
        warehouse: Path,
        as_of: str,
        tables: list[str] | None,
        log: Path,
        state: Path | None = None,
        is_one_by_one: bool = False,
    ) -> measure.Cost:
        """Publishes these tables, or all, into `warehouse`, within the same limits as the others. What was read stays in
        `state`, if there is one. CPU per model can be told where they are built one by one."""
        text = (self.data / "pipeline.yaml").read_text()
        is_expected = "location: warehouse/" in text and "\nlimits:" not in text
        assert is_expected, "the generated pipeline has changed: adapt this"
        only = f"\n  tables: [{', '.join(tables)}]" if tables else ""
        text = text.replace("location: warehouse/", f"location: {warehouse.resolve()}/{only}")
        pipeline = self.data / f"night-{warehouse.name}.yaml"
        keeps = f"  state_dir: {state.resolve()}\n" if state else ""
        alone = "  models_at_once: 1\n" if is_one_by_one else ""
        limits = f"  memory: {MEMORY_GIB}GiB\n  target_partitions: {THREADS}\n"
        pipeline.write_text(f"{text}\nlimits:\n{limits}{alone}{keeps}")
        # The made-up days may lie ahead of the clock.
        command = [self.binary, "run", str(pipeline), "--as-of", as_of, "--allow-future", "--log-format", "json"]
        return measure.measure(command, log, RUST_LOG="rfmart=info")


def model_costs(log: str) -> tuple[dict[str, float], bool]:
    """Seconds per model out of a run's log, in the order of building, and whether they are of CPU."""
    built = []
    for line in log.splitlines():
        if line.startswith("{"):
            fields = json.loads(line).get("fields", {})
            if fields.get("message") == "built":
                built.append(fields)
    is_cpu = bool(built) and all("cpu_seconds" in fields for fields in built)
    seconds = "cpu_seconds" if is_cpu else "seconds"
    return {fields["model"]: float(fields[seconds]) for fields in built}, is_cpu


def models_table(log: str, cost: measure.Cost) -> str:
    """The models by what they took, with their shares of the whole run."""
    costs, is_cpu = model_costs(log)
    assert costs, "rfmart's log names no model that was built"
    total = cost.cpu_s if is_cpu else cost.wall_s
    dear = {model: seconds for model, seconds in costs.items() if seconds >= LEAST_SHARE * total}
    rows = sorted(dear.items(), key=lambda row: -row[1])
    cheap = sum(costs.values()) - sum(dear.values())
    rows.append((f"{len(costs) - len(dear)} models under {LEAST_SHARE:.0%} each", cheap))
    rows.append(("outside the models", total - sum(costs.values())))
    rows.append(("the whole run", total))
    lines = [f"{'Model, all tables, one by one':44}{'CPU s' if is_cpu else 'wall s':>9}{'share':>9}"]
    lines += [f"{name:44}{seconds:9.2f}{seconds / total:9.1%}" for name, seconds in rows]
    return "\n".join(lines)
