"""The catalogue of calls: every operation is in it, or is called as its row says, or as a case does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.collect import usage
from harness.collect.registry import collect
from harness.operations import calls
from harness.operations.calls import ENTRIES, calls_of, examples
from harness.operations.calls.seeded import Seeded
from harness.operations.calls.specification import (
    AXES,
    DTYPE,
    OMITTED,
    Choice,
    Shape,
    call,
    indices,
    matrix,
    numbers,
)
from harness.operations.namespace import Listener
from harness.operations.operation import PRIMITIVE, Elementwise, Operation
from harness.operations.table import OPERATIONS
from harness.reference.floats import Floats
from harness.reference.tape import Tape

__all__: list[str] = []


class Names(Listener):
    """Remembers which operations are called."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def around(self, operation: Operation, call: Any, arguments: Any, keywords: Any) -> Any:
        self.names.add(operation.name)
        return super().around(operation, call, arguments, keywords)


def made(written: Any, turn: int = 0) -> Any:
    return written.made("exp", Seeded(0, turn))


def test_entries_are_of_rows() -> None:
    """Each entry is of a row of the vocabulary, or of indexing, and each row has a call, with an entry or without."""
    assert {"getitem"} == ENTRIES.keys() - OPERATIONS.keys()
    assert [] == [name for name in OPERATIONS if not calls_of(name)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_call_calls_the_operation(name: str) -> None:
    """Who listens to an example hears the very operation that it is an example of."""
    for one in examples(name)[:2]:
        listener = Names()
        tape = Tape(Floats("float64"), listener=listener)
        try:
            one(tape.xp, *map(tape.input, one.arrays))
        except Exception:
            if name not in listener.names:  # plain floats lack some functions: their call was heard all the same
                raise
        assert name in listener.names


def test_examples_are_always_the_same() -> None:
    """Of a name, whatever was made before: and other ones of another name."""
    first, again = examples("add")[0], examples("add")[0]
    assert all(np.array_equal(a, b) for a, b in zip(first.arrays, again.arrays, strict=True))
    assert not np.array_equal(first.arrays[0], examples("subtract")[0].arrays[0])


def test_an_operation_needs_no_entry() -> None:
    """A row that is elementwise, or defined for arrays, is called inside its domain."""
    unary = Operation("new", "a function", Elementwise("exp"), domain=(2.0, 3.0))
    (written,) = calls_of("new", unary)
    assert ((...,),) == tuple(one.shape for one in written.arguments)
    defined = Operation("new", "a function of two", lambda xp, a, b, /, *, axis=0: a + b)
    assert [2] == [len(one.arguments) for one in calls_of("new", defined)]
    assert () == calls_of("new", Operation("new", "nobody knows", PRIMITIVE))
    (low, high) = (
        min(one.arrays[0].min() for one in examples("log")),
        max(one.arrays[0].max() for one in examples("log")),
    )
    assert 0 < low < high < 4


def test_a_case_says_how_to_call_what_has_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first standard case that writes the operation out is run on its samples."""
    monkeypatch.setattr(usage, "examples", lambda name: [])
    cases = collect(["cases"]).values()
    found = usage.calls_for("linalg.solve", cases)
    (case, *_) = usage.using("linalg.solve", cases)
    assert len(case.samples) == len(found)
    listener = Names()
    tape = Tape(Floats("float64"), listener=listener)
    found[0](tape.xp, *map(tape.input, found[0].arrays))
    assert "linalg.solve" in listener.names
    assert [] == usage.calls_for("no.such.word", cases)


def test_two_entries_of_a_name_are_refused() -> None:
    """The message names it."""
    with pytest.raises(ValueError, match="two entries of 'exp'; remove one"):
        calls._by_name({"exp": call()}, {"sin exp": call()})


def test_letters_are_lengths() -> None:
    """A letter is one length wherever it stands, `2n` twice that, in arrays, shapes, places and choices alike."""
    one = made(call(numbers("n", "2n"), numbers("2n", "k"), Shape("n", 5), Choice(numbers("k"))))
    assert [(3, 6), (6, 2), (2,)] == [array.shape for array in one.arrays]
    assert (3, 5) == one.arguments[2]
    places = made(call(numbers("n"), indices(40, below="n"))).arrays[1]
    assert {-3, -2, -1, 0, 1, 2} == set(places.tolist())
    assert {0, 1, 2} == set(made(call(numbers("n"), indices(40, below="n", low=0))).arrays[1].tolist())
    with pytest.raises(ValueError, match="A length is a letter, or a number and a letter; got 'n2'"):
        made(call(numbers("n2")))


def test_open_shapes_broadcast() -> None:
    """In turn: of one shape, the last broadcast, the first without axes."""
    written = call(numbers(...), numbers(...))
    assert 3 == written.rounds
    assert [[(3, 4), (3, 4)], [(3, 4), (1, 4)], [(), (3, 4)]] == [
        [array.shape for array in made(written, turn).arrays] for turn in range(3)
    ]


def test_choices_take_their_turn() -> None:
    """Each value once in as many examples as there are; what is omitted is not given, and axes fit the array."""
    written = call(numbers("n", "m"), axis=AXES, scale=Choice(OMITTED, 2.0))
    assert [{"axis": None}, {"axis": 0, "scale": 2.0}, {"axis": -1}, {"axis": (-1, 0), "scale": 2.0}] == [
        made(written, turn).keywords for turn in range(written.rounds)
    ]


def test_matrices_are_easy_to_invert() -> None:
    """Their diagonals outweigh the rest, and a triangle has nothing on the other side."""
    found = made(call(matrix("n", "n", triangle="lower"))).arrays[0]
    assert [8.0, 16.0, 24.0] == np.diagonal(found).tolist()
    assert not np.triu(found, 1).any()
    assert np.abs(np.tril(found, -1)).max() <= 1


def test_a_call_is_made_in_a_dtype() -> None:
    """Numbers are rounded to it, integers stay, and a keyword that stands for it is the namespace's own dtype."""
    xp = NumpyAdapter().namespace()
    one = made(call(numbers("n"), dtype=DTYPE, form=lambda xp, x, dtype: xp.astype(x > 0, dtype))).rounded("float32")
    assert ["float32", "float32"] == [one.arrays[0].dtype.name, one(xp, *one.arrays).dtype.name]
    complex_one = made(call(numbers("n", kinds="c"), indices(2, below="n"))).rounded("float32")
    assert ["complex64", "int64"] == [array.dtype.name for array in complex_one.arrays]
