"""A reference worker: the case's own programs, and the reply that names every field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness import case, given
from harness.collect.directions import cotangent
from harness.errors import CaseError
from harness.reference.handler import Referee, refer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

SEED = 5


def test_programs_of_a_case_widen_its_budget() -> None:
    """What rounding accounts for is the most that any program of the case needs, and the truth is the case's."""

    @case(x=given([0.5, 3.0]))
    def doubled(xp: Any, x: Any) -> Any:
        """2x, exact."""
        return x + x

    x = {"x": np.array([0.5, 3.0], dtype=np.float32)}
    _, alone, _ = refer(doubled, {}, x, "float32", ("x",), SEED)

    @doubled.program
    def _through_thirds(xp: Any, x: Any) -> Any:
        return x / 3.0 * 6.0

    proof, both, _ = refer(doubled, {}, x, "float32", ("x",), SEED)
    assert [1.0, 6.0] == proof.enclosures["value"].high.tolist()
    assert (both["value"] > alone["value"]).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda xp, x: (x * 2.000001, xp.argmax(x)),
        lambda xp, x: (x * 2 + xp.log(x - 1) * 0, xp.argmax(x)),
        lambda xp, x: (2 * xp.sum(x), xp.argmax(x)),
        lambda xp, x: (2 * xp.stop_gradient(x), xp.argmax(x)),
        lambda xp, x: (2 * x, xp.argmin(x)),
    ],
)
def test_a_program_that_is_another_function_is_refused(wrong: Callable[..., Any]) -> None:
    """Another value, a NaN, another shape, another gradient or another integer: the program is not the case's."""

    @case(x=given([0.5, 3.0]))
    def doubled(xp: Any, x: Any) -> Any:
        """2x, and where it is largest."""
        return 2 * x, xp.argmax(x)

    def wrong_one(xp: Any, x: Any) -> Any:
        return wrong(xp, x)

    doubled.program(wrong_one)
    with pytest.raises(CaseError, match="the program wrong_one is not the same function"):
        refer(doubled, {}, {"x": np.array([0.5, 3.0], dtype=np.float32)}, "float32", ("x",), SEED)


CASES = '''
from harness import case, given


@case(x=given([2.0, 3.0]), index=given([1]), factor=2.0)
def scaled(xp, x, index, *, factor):
    """One element, scaled."""
    return xp.sum(xp.take(x, index)) * factor, xp.argmax(x)
'''


def test_a_worker_gives_every_field_by_name(tmp_path: Path) -> None:
    """The reply names quantity and field of each array; exact quantities have one field."""
    path = tmp_path / "scaled.py"
    path.write_text(CASES, encoding="utf-8")
    header = {
        "case": {"path": str(path), "name": "scaled", "area": "made"},
        "parameters": {"factor": 2.0},
        "names": ["x", "index"],
        "dtype": "float32",
        "differentiate": ["x"],
        "seed": SEED,
        "kinds": ["value", "vjp"],
    }
    inputs = [np.array([2.0, 3.0], dtype=np.float32), np.array([1])]
    ((reply, arrays),) = Referee().handle(header, inputs)
    found = {tuple(name): array for name, array in zip(reply["fields"], arrays, strict=True)}
    assert ("proved", None, 128) == (reply["kind"], reply["reason"], reply["precision"])
    assert 6.0 == found["value:0", "high"]
    assert 1 == found["value:1", "exact"]
    assert [0.0, 2.0 * float(cotangent(SEED, 0, ()))] == found["vjp:x", "high"].tolist()
    assert {"high", "low", "radius", "sigma"} == {field for name, field in found if name == "value:0"}
    assert {"python-flint", "numpy"} == set(Referee().hello()["versions"])


def test_a_worker_sends_the_limits_of_a_tie(tmp_path: Path) -> None:
    """At a tie the reply holds whole gradients, which elements go together, and directions."""
    path = tmp_path / "scaled.py"
    path.write_text(
        "from harness import case, given\n\n\n@case(x=given([2.0, 2.0]))\ndef peak(xp, x):\n"
        '    """The largest."""\n    return xp.max(x)\n',
        encoding="utf-8",
    )
    header: dict[str, Any] = {"case": {"path": str(path), "name": "peak", "area": "made"}, "parameters": {}}
    header |= {"names": ["x"], "dtype": "float32", "differentiate": ["x"], "seed": SEED, "kinds": ["value", "vjp"]}
    ((reply, arrays),) = Referee().handle(header, [np.array([2.0, 2.0], dtype=np.float32)])
    found = {tuple(name): array for name, array in zip(reply["fields"], arrays, strict=True)}
    assert [1, 1] == found["vjp:x", "groups"].tolist()
    weight = float(cotangent(SEED, 0, ()))
    assert {(0.0, weight), (weight, 0.0)} == {tuple(row) for row in found["vjp:x", "limits"].tolist()}
    assert found["vjp:x", "towards"].shape == found["vjp:x", "limits"].shape
