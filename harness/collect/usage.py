"""Which cases use an operation: so that one that neither the catalogue nor its row says how to call is called as they do."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from harness.collect.samples import draw
from harness.operations.calls import examples
from harness.operations.calls.specification import Made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.collect.case import Case

__all__ = ["calls_for", "using"]


def using(name: str, cases: Iterable[Case]) -> Iterator[Case]:
    """Return the portable cases whose function writes an operation out, as `xp.NAME(`."""
    written = re.compile(rf"\bxp\.{re.escape(name)}\(")
    for case in cases:
        if case.portable and written.search(inspect.getsource(case.function)):
            yield case


def calls_for(name: str, cases: Iterable[Case], dtype: str = "float64") -> list[Made]:
    """Make calls of an operation: the catalogue's, or its row's, or else each sample of the first case that uses it.

    Args:
        name: The operation.
        cases: Where to look for one.
        dtype: In which the case's samples are drawn.

    Returns:
        The calls; none where nothing says how.
    """
    found = examples(name)
    for case in using(name, cases) if not found else ():
        for sample in case.samples.values():

            def form(xp: Any, *arrays: Any, _case: Case = case, _parameters: Any = sample.parameters) -> Any:
                return _case.function(xp, *arrays, **_parameters)

            found.append(Made.of(name, form, [*draw(case.id, sample, dtype).values()], dtype))
        break
    return found
