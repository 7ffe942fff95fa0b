"""Fingerprints: equal facts have one, and every fact counts."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from harness.collect.fingerprint import fingerprint, of_files

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


def test_order_of_facts_does_not_matter() -> None:
    """Facts are named, so that their order, also inside mappings, is none."""
    assert fingerprint(a=1, b={"x": 1, "y": [2]}) == fingerprint(b={"y": [2], "x": 1}, a=1)
    assert 32 == len(fingerprint(a=1))


@pytest.mark.parametrize(
    "facts", [{"a": 2}, {"b": 1}, {"a": "1"}, {"a": 1.0}, {"a": [1]}, {"a": None}, {"a": 1, "b": None}, {"a": True}, {}]
)
def test_every_fact_counts(facts: dict[str, Any]) -> None:
    """Another value, type or name is another fingerprint."""
    assert fingerprint(a=1) != fingerprint(**facts)


def test_the_order_of_lists_matters() -> None:
    """A list is a list, and a tuple is one too."""
    assert fingerprint(a=[1, 2]) != fingerprint(a=[2, 1])
    assert fingerprint(a=[1, 2]) == fingerprint(a=(1, 2))


def test_lone_surrogates_can_be_hashed() -> None:
    """Names that are no valid text have a fingerprint too, and are told apart."""
    assert fingerprint(a="\ud800") != fingerprint(a="\ud801")


def test_fingerprints_are_the_same_in_another_process() -> None:
    """Nothing that changes from process to process takes part."""
    program = "from harness.collect.fingerprint import fingerprint\nprint(fingerprint(a=1, b={'x': 'ü'}))"
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert fingerprint(a=1, b={"x": "ü"}) == done.stdout.strip()


def test_files_are_what_they_hold(tmp_path: Path) -> None:
    """Contents count, names and places do not; order does, and where one file ends and the next begins."""
    for name, content in (("a", "one"), ("b", "one"), ("c", "two"), ("d", "onetwo"), ("e", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    a, b, c, d, e = (tmp_path / name for name in "abcde")
    assert of_files(a) == of_files(b)
    assert of_files(a) != of_files(c)
    assert of_files(a, c) != of_files(c, a)
    assert of_files(a, c) != of_files(d, e)


def test_a_file_that_changes_is_hashed_again(tmp_path: Path) -> None:
    """An edit within one process is seen."""
    path = tmp_path / "a"
    path.write_text("one", encoding="utf-8")
    before = of_files(path)
    path.write_text("three", encoding="utf-8")
    assert before != of_files(path)
