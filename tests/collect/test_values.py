"""What a value means follows what it refers to."""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from harness.collect import values
from harness.collect.values import EVERYTHING, describe, of_value, spoken_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

SOURCE = '''\
import dataclasses
import enum
import math
import numpy as np

LIMIT = 3
TABLE = {"a": lambda x: x + 1, "b": lambda x: x + 2}


class Kind(enum.Enum):
    ONE = 1


@dataclasses.dataclass
class Row:
    """A row."""
    name: str
    value: object = None

    def method(self):
        return LIMIT


def helper(x):
    """Help."""
    return x * LIMIT


def user(xp, x, *, factor=2.0):
    return helper(x) + xp.exp(x) * factor + np.pi + math.pi


def indexed(x):
    return TABLE["a"](x)


def made(function):
    return lambda x: function(x) + 1


def twice(xp, x):
    return xp.sin(user(xp, x))


def recursive(n):
    return recursive(n - 1) if n else other(n)


def other(n):
    return recursive(n)


PAIR = (lambda x: x + 1, lambda x: x + 2)
MADE = made(helper)
ROW = Row("a", helper)
'''


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Give what makes a module of this package from a source."""
    paths: list[Path] = []

    def make(source: str) -> ModuleType:
        path = tmp_path / f"{len(paths)}.py"
        paths.append(path)
        path.write_text(source, encoding="utf-8")
        module = ModuleType("harness.made")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        values._classes.cache_clear()
        exec(compile(source, str(path), "exec"), vars(module))
        return module

    return make


EDITS = {
    "a constant": ("LIMIT = 3", "LIMIT = 4", {"helper", "user", "twice", "MADE", "ROW", "Row"}),
    "a helper": ("return x * LIMIT", "return LIMIT * x", {"helper", "user", "twice", "MADE", "ROW"}),
    "a docstring": ('"""Help."""', '"""Be of help."""', set()),
    "a default": ("factor=2.0", "factor=3.0", {"user", "twice"}),
    "the indexed one": ('x + 1, "b"', 'x + 3, "b"', {"indexed", "TABLE"}),
    "another one": ('"b": lambda x: x + 2', '"b": lambda x: x + 4', {"TABLE"}),
    "a lambda of two on a line": ("PAIR = (lambda x: x + 1", "PAIR = (lambda x: 1 + x", {"PAIR"}),
    "what makes a function": ("function(x) + 1", "function(x) + 2", {"MADE", "made"}),
    "a method": ("return LIMIT\n", "return -LIMIT\n", {"Row", "ROW"}),
    "one that calls itself": ("if n else other(n)", "if n > 0 else other(n)", {"recursive", "other"}),
    "a field": ('ROW = Row("a"', 'ROW = Row("b"', {"ROW"}),
}
NAMES = ("helper", "user", "twice", "indexed", "made", "recursive", "other", "PAIR", "MADE", "ROW", "Row", "TABLE")


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_what_refers_to_it(modules: Any, edit: str) -> None:
    """Constants, helpers, defaults, closures and methods count where they are referred to, and nowhere else."""
    old, new, expected = EDITS[edit]
    assert SOURCE.count(old) == 1
    before = {name: describe(getattr(modules(SOURCE), name)).print for name in NAMES}
    after = modules(SOURCE.replace(old, new))
    assert expected == {name for name in NAMES if before[name] != describe(getattr(after, name)).print}


def test_words_of_helpers_are_words_of_the_user(modules: Any) -> None:
    """A function reads the words that it names, and those of the functions that it calls."""
    module = modules(SOURCE)
    assert {"exp"} == describe(module.user).words
    assert {"sin", "exp"} == describe(module.twice).words
    assert set() == describe(module.helper).words


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("xp.exp(x)", {"exp"}),
        ("xp.nn.relu(x)", {"nn.relu"}),
        ("getattr(xp, 'exp')(x)", {EVERYTHING}),
        ("[xp, x]", {EVERYTHING}),
        ("len(xp, x)", {EVERYTHING}),
        ("(lambda f: f(xp, x))(xp.sin)", {"sin"}),
    ],
)
def test_a_vocabulary_that_is_handed_on(modules: Any, body: str, expected: set[str]) -> None:
    """Where a vocabulary is given to what is not known, any word may be read."""
    assert expected == describe(modules(f"def f(xp, x):\n    return {body}\n").f).words


def test_the_first_argument_may_have_another_name(modules: Any) -> None:
    """Where a function is known to take the vocabulary first, it may call it what it likes."""
    module = modules("def f(np, x):\n    return np.exp(x)\n")
    assert set() == describe(module.f).words
    assert {"exp"} == describe(module.f, ("",)).words


@pytest.mark.parametrize(
    "pair",
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("a", b"a"),
        ((1, 2), [1, 2]),
        ((1, 2), (2, 1)),
        ({"a": 1}, {"a": 2}),
        ((1, (2,)), ((1,), 2)),
        (len, abs),
        (int, float),
        (functools.partial(int, base=2), functools.partial(int, base=3)),
        (None, ()),
    ],
)
def test_values_are_told_apart(pair: tuple[Any, Any]) -> None:
    """Kinds, order, signs and nesting count; equal values have one hash."""
    one, other = pair
    assert of_value(one) == of_value(one)
    assert of_value(one) != of_value(other)


def test_sets_have_no_order() -> None:
    """A set is the same in every process."""
    assert of_value({"a", "b", "c"}) == of_value({"c", "b", "a"})


def test_words_of_a_case_s_file() -> None:
    """A function of a file reads what the functions that it names read, by whatever way it names them."""
    source = (
        "def a(xp, x):\n    return xp.exp(b(xp, x))\n"
        "def b(xp, x):\n    return xp.sin(x)\n"
        "c = lambda xp, x: xp.cos(x)\n"
        "def d(xp, x):\n    return xp.control.scan(lambda s, y: (s, y), c(xp, x), x)\n"
        "def e(xp, x):\n    return [b][0]\n"
        "def f(xp, x):\n    return imported(xp, x)\n"
        "def g(xp, x):\n    return f(xp, x)\n"
    )
    expected = {
        "a": ["exp", "sin"],
        "b": ["sin"],
        "c": ["cos"],
        "d": ["control.scan", "cos"],
        "e": ["sin"],
        "f": [EVERYTHING],
        "g": [EVERYTHING],
    }
    assert expected == spoken_in(source.encode())
