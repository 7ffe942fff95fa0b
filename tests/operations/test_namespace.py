"""Who listens to a namespace hears every call, and where nobody does the words are the bare functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.operations.namespace import Listener, Namespace, heard
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from harness.operations.operation import Operation

__all__: list[str] = []


class Heard(Listener):
    """Writes down the words it hears, each with its depth."""

    def __init__(self) -> None:
        self.words: list[tuple[str, int]] = []

    def around(self, operation: Operation, call: Any, arguments: Any, keywords: Any) -> Any:
        self.words.append((operation.name, self.depth))
        return super().around(operation, call, arguments, keywords)


def test_without_a_listener_a_word_is_the_bare_function() -> None:
    """What is timed is the framework's own function, with nothing around it."""
    assert NumpyAdapter().bare("value", "float32").namespace().exp is np.exp
    assert heard(None, OPERATIONS["exp"], np.exp) is np.exp


def test_a_listener_hears_each_word_with_its_arguments() -> None:
    """Arguments and keywords come as the case gives them, below a sub-namespace too, and the result is handed on."""
    given: list[Any] = []

    class Kept(Listener):
        def around(self, operation: Operation, call: Any, arguments: Any, keywords: Any) -> Any:
            given.append((operation.name, self.depth, arguments, keywords))
            return call(*arguments, **keywords)

    xp = Namespace(OPERATIONS, lambda row: lambda *_, **__: row.name, {}, listener=Kept())
    assert ("sum", "special.erf") == (xp.sum(1, axis=0), xp.special.erf(2))
    assert [("sum", 1, (1,), {"axis": 0}), ("special.erf", 1, (2,), {})] == given


def test_a_definition_is_heard_with_what_it_is_made_of() -> None:
    """An adapter's row without a function of its own is heard at depth 1, and the words of its definition below."""
    adapter, listener = NumpyAdapter(), Heard()
    adapter.listener = listener
    adapter.namespace().nn.softmax(np.array([1.0, 2.0]))
    assert ("nn.softmax", 1) == listener.words[0]
    assert ("exp", 2) in listener.words
    assert all(depth > 1 for _, depth in listener.words[1:])


def test_a_word_on_numpys_tape_is_heard_once() -> None:
    """The adapter's namespace hands a tape variable to the tape, and only one of the two is heard; so are operators."""
    adapter, listener = NumpyAdapter(), Heard()
    adapter.listener = listener
    xp = adapter.namespace()
    adapter.vjp(lambda x: xp.sum(xp.exp(x) * x[0]), "eager", [0])((np.array([1.0, 2.0]),), (np.float64(1.0),))
    assert [("exp", 1), ("getitem", 1), ("multiply", 1), ("sum", 1)] == listener.words


def test_the_depth_is_what_it_was_after_an_error() -> None:
    """A call that raises is over."""
    listener = Listener()
    call = heard(listener, OPERATIONS["exp"], lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call()
    assert 0 == listener.depth
