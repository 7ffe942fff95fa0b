"""What a case costs, counted by hand and by the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.collect.registry import collect
from harness.collect.samples import draw
from harness.messages import Count, Source
from harness.observe.timing import counting
from harness.observe.timing.counting import Counting
from harness.operations.costs import Cost
from harness.operations.operation import Operation
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

X = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
INTEGERS = np.array([0, 2], dtype=np.int64)
COMPLEX = np.array([1 + 2j, 3 - 1j], dtype=np.complex64)


def counted(path: Path, body: str, *arrays: np.ndarray[Any, Any], dtype: str = "float32") -> dict[str, Any]:
    """Write a case of x, and y and z where there are so many arrays, and count it."""
    names = ["x", "y", "z"][: len(arrays)]
    samples = ", ".join(f"{name}=given([1.0])" for name in names)
    file = path / "file.py"
    lines = "\n    ".join(body.splitlines())
    file.write_text(
        f"from harness import case, given\n\n@case({samples})\ndef computed(xp, {', '.join(names)}):\n"
        f'    """Counted."""\n    {lines}\n'
    )
    request = Count(case=Source(path=str(file), name="computed", area="area"), dtype=dtype)
    answer, made = Counting().handle(request.header(), list(arrays))
    assert [] == made
    return {**answer, "uncounted": [*answer["uncounted"]]}


@pytest.mark.parametrize(
    ("flops", "traffic", "body", "arrays"),
    [
        # Of 12 numbers, 48 bytes: read and written twice, then read and 4 bytes written.
        (36, 48 * 4 + 52, "return xp.sum(2 * x + 1)", [X]),
        (12, 48 * 2, "return x * x", [X]),
        (12, 48 * 3, "return x * y", [X, X.copy()]),
        (2 * 3 * 3 * 4, 48 + 36, "return x @ xp.matrix_transpose(x)", [X]),
        (0, 0, "return xp.reshape(xp.permute_dims(x, (1, 0)), (2, 6))[0, ...]", [X]),
        (0, 2 * 32 + 16, "return xp.take(x, y, axis=0)", [X, INTEGERS]),
        (0, 2 * 32 + 16, "return x[y, ...]", [X, INTEGERS]),
        (0, 2 * 48, "return xp.flip(x, axis=0)", [X]),
        (0, 24, "return xp.zeros((2, 3), dtype=x.dtype)", [X]),
        # A definition's operations, and the bytes of the whole: x, weight and shift in, 6 numbers out.
        (2 * 3 * 2 * 4 + 6, 48 + 32 + 8 + 24, "return xp.nn.linear(x, y, z)", [X, X[:2] * 1, np.ones(2, np.float32)]),
        (5 * 12, 2 * 48, "return xp.nn.softmax(x, axis=-1)", [X]),
        (12, 2 * 48, "return xp.special.erfcx(x)", [X]),
        (12, 2 * 48, "return xp.special.gammainc(2.0, x)", [X]),
        (24, 48 * 3, "return xp.special.xlogy(x, y)", [X, X.copy()]),
        # Integers have no floating-point operations, complex numbers several each.
        (0, 2 * 16, "return y + y", [X, INTEGERS]),
        (2 * 2, 2 * 16, "return x + x", [COMPLEX]),
        (6 * 2, 2 * 16, "return x * x", [COMPLEX]),
        (4 * 2, 16 + 8, "return abs(x)", [COMPLEX]),
        # A loop and a branch are what they call.
        (3 * 12, 3 * 2 * 48, "return xp.control.fori_loop(0, 3, lambda i, s: s + 1, x)", [X]),
        (12 + 1 + 12, 52 + 4 + 1 + 2 * 48, "return xp.control.cond(xp.sum(x) > 0, lambda a: -a, lambda a: a * a * a, x)", [X]),
        (12 + 1, 52 + 4 + 1, "return x if xp.sum(x) > 0 else x * x", [X]),
        (4 * 3, 3 * (2 * 16), "return [row + 1 for row in x][0]", [X]),
    ],
)  # fmt: skip
def test_a_case_is_counted(tmp_path: Path, flops: float, traffic: int, body: str, arrays: Any) -> None:
    """Operations by rows and definitions; each operation's arguments read once, its results written once."""
    assert {"flops": flops, "traffic": traffic, "uncounted": []} == counted(tmp_path, body, *arrays)


def test_numbers_have_the_size_of_their_dtype(tmp_path: Path) -> None:
    """bfloat16, which travels as float32, has two bytes; float64 eight."""
    assert 2 * 24 == counted(tmp_path, "return xp.exp(x)", X, dtype="bfloat16")["traffic"]
    assert 2 * 96 == counted(tmp_path, "return xp.exp(x)", X.astype(np.float64), dtype="float64")["traffic"]


@pytest.mark.parametrize(
    ("uncounted", "body", "arrays"),
    [
        (["sort"], "return xp.sort(x) + 1", [X]),
        (["median", "linalg.expm"], "return xp.median(x) + xp.linalg.expm(y)", [X, X[:, :3] * 0.1]),
        (["exp"], "return xp.exp(x) * x", [COMPLEX]),
        (["einsum"], "return xp.einsum('i,ij,j->', x[:, 0], x, x[0, :])", [X]),
    ],
)
def test_one_operation_without_a_count_leaves_the_case_without_one(
    tmp_path: Path, uncounted: list[str], body: str, arrays: Any
) -> None:
    """It is named as the case called it; the bytes are still known."""
    found = counted(tmp_path, body, *arrays)
    assert (None, uncounted) == (found["flops"], found["uncounted"])
    assert found["traffic"] > 0


def test_a_branch_on_what_was_not_computed_is_not_followed(tmp_path: Path) -> None:
    """NumPy lacks most special functions: their shapes are known, their numbers are not."""
    body = "y = xp.special.erfcx(x)\nreturn y if xp.sum(y) > 0 else y * y"
    assert {"flops": None, "traffic": None, "uncounted": ["special.erfcx"]} == counted(tmp_path, body, X)


def test_a_wrong_count_of_a_row_is_a_wrong_count_of_the_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else stands in for what the row says."""
    row = OPERATIONS["exp"]
    facts = {name: getattr(row, name) for name in ("name", "summary", "meaning")}
    planted: Callable[..., float] = lambda result, *_, **__: 7.0 * result.size  # noqa: E731 - a count is a callable
    monkeypatch.setitem(OPERATIONS, "exp", Operation(**facts, cost=Cost(planted)))
    assert 7 * 12 == counted(tmp_path, "return xp.exp(x)", X)["flops"]


def test_every_standard_case_can_be_counted() -> None:
    """Each portable one runs to its end, and all but a few have a count."""
    chosen = [case for case in collect(["cases"]).values() if case.portable]
    complete = 0
    for case in chosen:
        sample = next(iter(case.samples.values()))
        dtype = "complex64" if sample.complex else "float32"
        counter = counting.Counter(dtype)
        arrays = [counting.Counted(counter, one) for one in draw(case.id, sample, dtype).values()]
        case.function(counter.xp, *arrays, **sample.parameters)
        assert counter.traffic >= 0
        complete += not counter.uncounted
    assert complete > 0.9 * len(chosen)
