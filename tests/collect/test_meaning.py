"""What a source means: its tree, and nothing that is not run."""

from __future__ import annotations

import ast

import pytest

from harness.collect.meaning import canonical, imports, words

__all__: list[str] = []

SOURCE = '''\
"""About it."""
LIMIT = 3
"""How many."""


def f(x, /, y=1, *, z: int = 2):
    """Say."""
    # why
    return x + y if z else None
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""About it."""', '"""About something else."""'),
        ('"""How many."""\n', ""),
        ('    """Say."""\n', ""),
        ("# why", "# because"),
        ("x + y if z else None", "(x+y\n        if z else None)"),
        ("LIMIT = 3", "LIMIT = 0x3"),
    ],
)
def test_what_is_not_run_does_not_count(old: str, new: str) -> None:
    """Docstrings, comments, layout and the way in which a number is written mean nothing."""
    assert SOURCE.count(old) == 1
    assert canonical(ast.parse(SOURCE)) == canonical(ast.parse(SOURCE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("LIMIT = 3", "LIMIT = True"),
        ("LIMIT = 3", "LIMIT = '3'"),
        ("LIMIT = 3", "LIMIT = None"),
        ("LIMIT", "MOST"),
        ("x + y", "y + x"),
        ("x + y", "x - y"),
        ("x + y", "(x, y)"),
        ("None", "..."),
        (" /,", ""),
        (" *,", ""),
        ("y=1", "y=2"),
        ("return x", "yield x"),
    ],
)
def test_what_is_run_counts(old: str, new: str) -> None:
    """Every other edit means something else."""
    assert canonical(ast.parse(SOURCE)) != canonical(ast.parse(SOURCE.replace(old, new)))


def test_a_text_that_is_used_counts() -> None:
    """A string is a docstring only where it stands alone."""
    assert canonical(ast.parse("f('a')")) != canonical(ast.parse("f('b')"))


def test_imports_at_any_depth() -> None:
    """Imports in functions, branches and `try` are listed; those for type checkers are not."""
    source = (
        "import a.b as c\n"
        "if TYPE_CHECKING:\n    import never\nelse:\n    import other\n"
        "if typing.TYPE_CHECKING:\n    from never import x\n"
        "def f():\n    try:\n        from ..d import e, g\n    except ImportError:\n        from . import h\n"
    )
    expected = {(0, "a.b", ""), (0, "other", ""), (2, "d", "e"), (2, "d", "g"), (1, "", "h")}
    assert expected == set(imports(ast.parse(source)))


def test_words_of_a_vocabulary() -> None:
    """Words are read from `xp`, also where it is an attribute; the longest chain counts, and other names do not."""
    source = "xp.exp(np.log(x)) + self.tape.xp.special.erf(xp.nn.relu(x).shape)"
    assert {"exp", "special.erf", "nn.relu"} == words(ast.parse(source))
    assert {"log"} == words(ast.parse(source), ["np"])
