"""What a row means is what NumPy computes: judged by the project's own judge, without a tolerance."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.model import Verdict
from harness.operations.formats import complex_of, is_complex
from harness.operations.special.families import FAMILIES
from harness.operations.table import OPERATIONS
from harness.operations.words import DEFINITION, Gap
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation, evaluate
from harness.reference.floats import Floats
from harness.reference.numpy_words import WORDS
from harness.reference.proving import prove
from tests.calling import calls_for, parts_of
from tests.operations.judging import SEED, judged, reference_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.operations.calls.specification import Made

__all__: list[str] = []

OF_NUMPY = [name for name in OPERATIONS if not isinstance(WORDS.get(name), Gap)]
NEEDS_ARB = {
    # Their meaning holds a function that NumPy has not, so neither NumPy nor the tape on floats can run them.
    *("special.erf", "special.erfc", "special.lgamma", "special.digamma", "nn.gelu"),
    *(f"special.{name}" for name in ("ndtr", "log_ndtr", "ndtri", "erfinv", "erfcinv", "erfcx", "dawsn")),
    *(f"special.{name}" for name in ("expi", "exp1", "fresnel_sin", "fresnel_cos", "spence", "gamma")),
    *(f"special.{name}" for name in ("sine_integral", "cosine_integral", "airy_ai", "spherical_bessel_j0")),
    *(f"special.{name}" for name in ("i0", "i0e", "i1", "i1e", "j0", "j1", "y0", "y1", "k0", "k0e", "k1", "k1e")),
    *(f"special.{name}" for name in ("betaln", "beta", "poch", "multigammaln")),
    *FAMILIES,
}


ROUNDED = {"full", "full_like", "linspace"}
"""They make numbers that are rounded first."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """NumPy's warnings about what the adapter silences, for these tests alone."""
    with np.errstate(all="ignore"):
        yield


def computation(call: Made, inputs: tuple[str, ...] = ()) -> Computation:
    """Give the computation that a call is."""
    return Computation(call, named(call), dtype_of(call), inputs, SEED)


def named(call: Made) -> dict[str, Any]:
    """Give the call's arrays by name."""
    return dict(zip(ascii_letters, call.arrays, strict=False))


def dtype_of(call: Made) -> str:
    """Give the dtype whose rounding counts: the complex one, where all numbers are complex."""
    kinds = {array.dtype.kind for array in call.arrays} & {"f", "c"}
    return complex_of(call.dtype) if kinds == {"c"} else call.dtype


def floating(call: Made) -> tuple[str, ...]:
    """Name the arrays that have derivatives."""
    return tuple(name for name, array in named(call).items() if array.dtype.kind in "fc")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in OF_NUMPY if name not in NEEDS_ARB])
def test_a_row_means_what_numpy_computes(name: str, dtype: str) -> None:
    """NumPy's own function, on arrays of the dtype, agrees with the row's proved meaning within its budget."""
    xp = NumpyAdapter().namespace()
    for call in (one.rounded(dtype) for one in calls_for(name)):
        reference = reference_of(call, named(call), dtype_of(call), ())
        results = parts_of(call(xp, *call.arrays))
        for quantity, result in zip(reference.quantities, results, strict=True):
            found = judged(reference, quantity, result)
            assert found.verdict is Verdict.AGREES, f"{call}: {found.reason}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in NEEDS_ARB])
def test_the_tape_on_floats_agrees(name: str, dtype: str) -> None:
    """Value and VJP of the tape on plain floats, which is NumPy's automatic differentiation, agree with the proof."""
    for call in (one.rounded(dtype) for one in calls_for(name)):
        asked = computation(call, floating(call))
        reference = reference_of(call, named(call), asked.dtype, asked.differentiate)
        run = evaluate(asked, Floats(asked.dtype))
        assert reference.quantities.keys() == run.quantities.keys()
        for quantity, component in run.quantities.items():
            plain = component[..., 0]
            complex_numbers = is_complex(run.dtypes[quantity])
            found = judged(reference, quantity, plain[..., 0] + 1j * plain[..., 1] if complex_numbers else plain)
            assert found.verdict is Verdict.AGREES, f"{call}, {quantity}: {found.reason}"


@pytest.mark.parametrize("name", [name for name in OF_NUMPY if OPERATIONS[name].accuracy == 0 and name not in ROUNDED])
def test_exact_rows_have_no_budget(name: str) -> None:
    """A row of accuracy 0 moves, selects or changes signs: its σ is 0 everywhere."""
    for call in (one.rounded("float32") for one in calls_for(name)):
        sigmas, _ = budget(computation(call), prove(computation(call)))
        assert not any(sigma.any() for sigma in sigmas.values())


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda xp: xp.zeros((2,)), [0.0, 0.0]),
        (lambda xp: xp.ones((2,)), [1.0, 1.0]),
        (lambda xp: xp.eye(2), [[1.0, 0.0], [0.0, 1.0]]),
        (lambda xp: xp.arange(0, 3, dtype="float32"), [0.0, 1.0, 2.0]),
        (lambda xp: xp.full((2,), 0.5), [0.5, 0.5]),
        (lambda xp: xp.zeros_like(xp.ones((1,))), [0.0]),
        (lambda xp: xp.ones_like(xp.zeros((1,))), [1.0]),
        (lambda xp: xp.full_like(xp.zeros((1,)), -2.0), [-2.0]),
        (lambda xp: xp.asarray([0.25, 3.0]), [0.25, 3.0]),
        (lambda xp: xp.linspace(0.0, 1.0, 3), [0.0, 0.5, 1.0]),
    ],
)
def test_makers_make_what_they_say(function: Callable[..., Any], expected: Any) -> None:
    """What makes an array makes these very numbers, proved."""
    proof = prove(Computation(function, {}, "float32", (), SEED))
    assert expected == proof.enclosures["value"].high.tolist()
    assert not proof.enclosures["value"].radius.any()


def test_what_numpy_lacks_is_known() -> None:
    """NumPy lacks the special functions that Arb stands in for, and no other row."""
    lacking = {name for name, word in WORDS.items() if isinstance(word, Gap)}
    assert NEEDS_ARB - {"nn.gelu"} == lacking
    assert WORDS["nn.gelu"] is DEFINITION


@pytest.mark.parametrize(
    ("function", "arrays", "expected"),
    [
        (lambda xp, x: xp.expm1(x), [1e-20], 1e-20),
        (lambda xp, x: xp.log1p(x), [1e-20], 1e-20),
        (lambda xp, x: xp.special.logsumexp(x), [[1000.0, 1000.0]], 1000.0 + float(np.log(2.0))),
        (lambda xp, x: xp.nn.softmax(x), [[1000.0, -1000.0]], [1.0, 0.0]),
        (lambda xp, x: xp.nn.log_softmax(x), [[1000.0, -1000.0]], [0.0, -2000.0]),
        (lambda xp, a, b: xp.logaddexp(a, b), [1000.0, -1000.0], 1000.0),
        (lambda xp, x: xp.nn.softplus(x), [1000.0], 1000.0),
        (lambda xp, x: xp.special.expit(x), [-1000.0], 0.0),
        (lambda xp, a, b: xp.special.xlogy(a, b), [0.0, 0.0], 0.0),
        (lambda xp, x: xp.prod(x), [[0.0, 5.0]], 0.0),
        (lambda xp, a, b: xp.atan2(a, b), [0.0, -1.0], float(np.pi)),
        (lambda xp, a, b: xp.hypot(a, b), [3.0, -4.0], 5.0),
    ],
)
def test_promises_of_summaries(function: Callable[..., Any], arrays: list[Any], expected: Any) -> None:
    """What a summary promises (accurate near 0, shifted by the largest entry, 0 where a = 0) holds on the tape."""
    given = {name: np.asarray(array) for name, array in zip("ab", arrays, strict=False)}
    run = evaluate(Computation(function, given, "float64", (), SEED), Floats("float64"))
    assert np.array_equal(np.asarray(expected), run.quantities["value"][..., 0])
    assert [] == prove(Computation(function, given, "float64", (), SEED)).problems
