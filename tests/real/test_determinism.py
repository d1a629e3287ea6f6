"""The same bytes from the same rows, however many partitions work on them and however the files are cut."""

from __future__ import annotations

from datetime import date

import cdnow
import pytest
import rfmart
import synthetic

LAST_DAY = {synthetic: synthetic.AS_OFS[-1], cdnow: date(1998, 6, 30)}
DATA = pytest.mark.parametrize(
    "data", [synthetic, pytest.param(cdnow, marks=pytest.mark.full)], ids=lambda data: data.__name__
)


def publish(data, folder, warehouse, **env):
    rfmart.publish(rfmart.ROOT / f"tests/real/{data.__name__}.yaml", LAST_DAY[data], folder, warehouse, **env)


@DATA
def test_same_bytes_for_1_2_and_16_partitions(tmp_path, data):
    data.prepare(tmp_path / "data")
    for partitions in ("1", "2", "16"):
        publish(data, tmp_path / "data", tmp_path / partitions, PARTITIONS=partitions)
    rfmart.assert_same_bytes(tmp_path / "1", tmp_path / "2")
    rfmart.assert_same_bytes(tmp_path / "1", tmp_path / "16")


@DATA
def test_same_bytes_for_renamed_and_reordered_files(tmp_path, data):
    # A tie between two deliveries of a key goes by the object's name; so there is none here.
    options = {"ties": False} if data is synthetic else {}
    for spread in (0, 3, 7):
        data.prepare(tmp_path / f"data-{spread}", spread=spread, **options)
        publish(data, tmp_path / f"data-{spread}", tmp_path / f"warehouse-{spread}")
    rfmart.assert_same_bytes(tmp_path / "warehouse-0", tmp_path / "warehouse-3")
    rfmart.assert_same_bytes(tmp_path / "warehouse-0", tmp_path / "warehouse-7")


def test_bytes_follow_the_rows(tmp_path):
    """The comparison itself can fail: another day, other bytes."""
    synthetic.prepare(tmp_path / "data")
    for name, day in [("a", synthetic.AS_OFS[0]), ("b", synthetic.AS_OFS[1])]:
        rfmart.publish(rfmart.ROOT / "tests/real/synthetic.yaml", day, tmp_path / "data", tmp_path / name)
    with pytest.raises(AssertionError):
        rfmart.assert_same_bytes(tmp_path / "a", tmp_path / "b")
