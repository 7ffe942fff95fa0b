"""The budget: what stands beside a special."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.proving import prove

__all__: list[str] = []

SEED = 5


@pytest.mark.parametrize("special", [math.nan, math.inf, -math.inf])
def test_specials_beside_numbers_do_not_disturb_them(special: float) -> None:
    """Elements next to a NaN or an infinity keep their proof, and a budget that is finite."""
    arrays = {"a": np.array([0.5, special, 2.0], dtype=np.float32)}

    def function(xp: Any, x: Any) -> Any:
        return xp.exp(x) * x

    found = prove(Computation(function, arrays, "float32", ("a",), SEED))
    sigmas, _ = budget(Computation(function, arrays, "float32", ("a",), SEED), found)
    for quantity in ("value", "vjp:a"):
        assert np.isfinite(found.enclosures[quantity].high[[0, 2]]).all()
        assert (found.enclosures[quantity].radius[[0, 2]] < 2.0**-60).all()
        assert np.isfinite(sigmas[quantity][[0, 2]]).all()
