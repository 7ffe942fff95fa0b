"""The tape: arrays as a case sees them, dtypes, branches, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.errors import CaseError, UnknownOperationError
from harness.operations.namespace import Listener
from harness.operations.operation import Operation
from harness.operations.table import OPERATIONS
from harness.reference.arithmetic import Arithmetic, SplitError, UndecidedError
from harness.reference.balls import Balls
from harness.reference.evaluate import Computation, evaluate, outputs_of
from harness.reference.floats import Floats
from harness.reference.stochastic import Noisy
from harness.reference.tape import Tape
from tests.reference.runs import middles, on_balls, on_floats

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Variable

__all__: list[str] = []

ARITHMETICS: dict[str, Callable[[], Arithmetic]] = {
    "balls": lambda: Balls("float32", 128),
    "floats": lambda: Floats("float32"),
    "noisy": lambda: Noisy("float32", 0),
}


def tape_of(kind: str = "floats") -> Tape:
    return Tape(ARITHMETICS[kind]())


def plain(variable: Variable) -> Any:
    """Give what a variable of integers or booleans holds, in the first run."""
    return variable.dual.value[..., 0]


@pytest.mark.parametrize("kind", ARITHMETICS)
def test_arrays_have_what_cases_ask_for(kind: str) -> None:
    """Shape, ndim, size, dtype, length and iteration are those of the array."""
    x = tape_of(kind).input(np.zeros((2, 3), dtype=np.float32))
    assert ((2, 3), 2, 6, "float32", 2) == (x.shape, x.ndim, x.size, x.dtype, len(x))
    assert [(3,), (3,)] == [row.shape for row in x]
    with pytest.raises(TypeError, match="without axes"):
        len(x[0, 0])


def test_operators_are_words() -> None:
    """Every operator of Python, reflected too, is the word of that name."""
    tape = tape_of()
    x, y = (tape.input(np.array(values, dtype=np.float64)) for values in ([1.0, 4.0], [3.0, 2.0]))
    a, b = x.dual.value, y.dual.value
    pairs = {
        "+": (x + y, a + b),
        "1+": (1 + x, 1 + a),
        "-": (x - y, a - b),
        "1-": (1 - x, 1 - a),
        "*": (x * y, a * b),
        "2*": (2 * x, 2 * a),
        "/": (x / y, a / b),
        "1/": (1 / x, 1 / a),
        "**": (x**3, a**3),
        "@": (x @ y, np.sum(a * b, axis=0)),
        "neg": (-x, -a),
        "pos": (+x, a),
        "abs": (abs(-x), a),
        "<": (x < y, a < b),
        "<=": (x <= 1, a <= 1),
        ">": (x > y, a > b),
        ">=": (x >= 4, a >= 4),
        "==": (x == 4, a == 4),
        "!=": (x != 4, a != 4),
        "&": ((x > 0) & (x < 2), [[True], [False]]),
        "|": ((x < 2) | (x > 9), [[True], [False]]),
        "^": ((x > 0) ^ (x < 2), [[False], [True]]),
        "~": (~(x < 2), [[False], [True]]),
    }
    for name, (found, expected) in pairs.items():
        assert np.array_equal(expected, found.dual.value), name


def test_a_variable_cannot_be_hashed() -> None:
    """== compares elements, so a variable is no key of a dictionary."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(tape_of().input(np.zeros(2)))


@pytest.mark.parametrize("kind", ARITHMETICS)
def test_branches_and_loops_in_python(kind: str) -> None:
    """`if`, `while`, integer indices and `range` over integer arrays work where the numbers decide them."""

    def function(xp: Any, x: Any) -> Any:
        total = x[0] * 0
        steps = 0
        while total < 10 and steps < 50:
            total = total + (x[0] if xp.sum(x) > 0 else x[1])
            steps += 1
        return total * x[xp.argmax(x)]

    tape = tape_of(kind)
    found = function(tape.xp, tape.input(np.array([3.0, -1.0])))
    assert abs(float(np.asarray(found.dual.value, dtype=object).reshape(-1)[0]) - 36.0) < 2.0**-10


def test_an_array_is_no_truth() -> None:
    """Several elements have no one truth, and the message says what to use."""
    x = tape_of().input(np.ones(2))
    with pytest.raises(ValueError, match=r"ambiguous; use xp\.where"):
        bool(x > 0)


def test_floating_numbers_are_no_indices() -> None:
    """Only integers and booleans can be asked what they are."""
    with pytest.raises(TypeError, match="Expected integers or booleans, got float32"):
        tape_of().input(np.ones((), dtype=np.float32)).unanimous()


def test_runs_that_disagree_on_a_branch_say_so() -> None:
    """Where rounding decides a branch, the perturbed runs cannot be run together."""
    tape = tape_of("noisy")
    x = tape.input(np.array(0.1, dtype=np.float32)) * 3.0
    with pytest.raises(SplitError):
        bool(x > float(np.float32(0.1)) * 3.0)


def test_enclosures_that_overlap_decide_no_branch() -> None:
    """On balls an undecidable branch asks for more precision."""
    tape = tape_of("balls")
    x = tape.input(np.array(2.0))
    with pytest.raises(UndecidedError):
        bool(tape.xp.exp(tape.xp.log(x)) == 2)


def test_python_numbers_take_the_dtype_beside_them() -> None:
    """A Python number is weak; arrays promote; integers and floats give floats."""
    tape = tape_of()
    single = tape.input(np.ones(2, dtype=np.float32))
    double = tape.constant(np.ones(2))
    whole = tape.constant(np.array([1, 2]))
    found = [single + 1, single + 0.5, single + double, whole + 1, whole + 0.5, whole + single, whole / 2, whole > 1]
    expected = ["float32", "float32", "float64", "int64", "float32", "float32", "float32", "bool"]
    assert expected == [variable.dtype for variable in found]


@pytest.mark.parametrize("kind", ["balls", "floats"])
def test_integers_and_booleans_are_exact(kind: str) -> None:
    """Sums, products, extrema and logic of integers are integers, without a derivative."""
    tape = tape_of(kind)
    xp, numbers = tape.xp, np.array([[3, -1], [2, 2]])
    x = tape.constant(numbers)
    found = {
        "sum": (xp.sum(x, axis=0), numbers.sum(axis=0)),
        "cumulative_sum": (xp.cumulative_sum(x, axis=1), np.cumsum(numbers, axis=1)),
        "max": (xp.max(x), numbers.max()),
        "min": (xp.min(x, axis=1, keepdims=True), numbers.min(axis=1, keepdims=True)),
        "argmax": (xp.argmax(x, axis=1), numbers.argmax(axis=1)),
        "matmul": (x @ x, numbers @ numbers),
        "square": (x**2, numbers**2),
        "pow": (xp.pow(x, tape.constant(np.array([[2, 1], [0, 3]]))), numbers ** np.array([[2, 1], [0, 3]])),
        "sign": (xp.sign(x), np.sign(numbers)),
        "tril": (xp.tril(x), np.tril(numbers)),
        "maximum": (xp.maximum(x, 2), np.maximum(numbers, 2)),
        "where": (xp.where(x > 1, x, 0), np.where(numbers > 1, numbers, 0)),
        "negative": (-x, -numbers),
        "counted": (xp.sum(x > 1), 3),
        "counted along": (xp.cumulative_sum(x > 1, axis=0), np.cumsum(numbers > 1, axis=0)),
        "comparison": (x != 2, numbers != 2),
    }
    for name, (variable, expected) in found.items():
        assert variable.index is None, name
        assert np.asarray(expected).dtype.kind == variable.dual.value.dtype.kind, name
        assert np.array_equal(expected, plain(variable)), name


@pytest.mark.parametrize("kind", ["balls", "floats"])
def test_a_fractional_power_of_integers_is_a_float(kind: str) -> None:
    """4 ** 0.5 is 2.0, not 4 ** 0."""
    found = tape_of(kind).constant(np.array([4])) ** 0.5
    assert "float32" == found.dtype
    assert [2.0] == [float(number) for number in found.dual.value.reshape(-1)]


CASTS = (
    ("float64", "int64", [-1.75, -0.5, 0.0, 2.5], [-1, 0, 0, 2]),
    ("float64", "bool", [-1.75, -0.5, 0.0, 2.5], [True, True, False, True]),
    ("int64", "bool", [-1, 0, 2], [True, False, True]),
    ("int64", "float32", [-1, 0, 2], [-1.0, 0.0, 2.0]),
    ("bool", "float64", [True, False], [1.0, 0.0]),
    ("bool", "int64", [True, False], [1, 0]),
    ("float64", "float32", [0.5, -2.0], [0.5, -2.0]),
)


@pytest.mark.parametrize("kind", ["balls", "floats"])
@pytest.mark.parametrize(("before", "after", "values", "expected"), CASTS)
def test_casts_give_what_numpy_gives(kind: str, before: str, after: str, values: Any, expected: Any) -> None:
    """Fractions are dropped toward zero, only zero is false, and what fits stays what it is."""
    tape = tape_of(kind)
    given = np.array(values, dtype=before)
    found = tape.xp.astype(tape.constant(given), after)
    assert after == found.dtype
    assert np.array_equal(given.astype(after), np.array(expected, dtype=after))
    assert expected == [float(number) if after.startswith("f") else number for number in found.dual.value.reshape(-1)]


def test_a_cast_rounds_where_the_arithmetic_rounds() -> None:
    """On plain floats a cast is NumPy's; on balls it changes nothing; perturbed runs are perturbed by fewer bits only."""
    third = np.array([1 / 3])
    floats, balls, noisy = Tape(Floats("float64")), Tape(Balls("float64", 128)), Tape(Noisy("float32", 0))
    single = floats.xp.astype(floats.input(third), "float32")
    assert np.float32 == single.dual.value.dtype
    assert np.float32(1 / 3) == single.dual.value[0, 0]
    assert third[0] == float(balls.xp.astype(balls.input(third), "float32").dual.value[0, 0])
    wide = noisy.xp.astype(noisy.input(np.array([0.5], dtype=np.float32)), "float64")
    assert (wide.dual.value == 0.5).all()
    narrow = noisy.xp.astype(wide * 1.0, "float16").dual.value
    assert 0 < np.abs(narrow - 0.5).max() <= 1.25 * 0.5 * 2.0**-11


def test_a_cast_carries_derivatives_in_the_dtype_of_the_input() -> None:
    """The gradient through float64 of a float32 input is float32, as every framework gives it."""
    tape = Tape(Floats("float32"))
    x = tape.input(np.array([0.1, 3.0], dtype=np.float32))
    wide = tape.xp.astype(x, "float64")
    result = tape.xp.sum(wide * wide[tape.constant(np.array([0, 1]))])
    (gradient,) = tape.gradients([result], [np.ones((1,))], [x])
    assert np.float64 == result.dual.value.dtype
    assert np.float32 == gradient.value.dtype
    assert np.array_equal(2 * x.dual.value, gradient.value)


def test_what_no_output_depends_on_has_a_zero_gradient() -> None:
    """An input that is not used gets zeros of its shape, and a constant output no gradient at all."""
    tape = tape_of("balls")
    x, unused = tape.input(np.ones(2)), tape.input(np.ones((2, 3)))
    (zeros,) = tape.gradients([tape.xp.sum(x)], [tape.arithmetic.lift(np.ones(()), "float32")], [unused])
    assert (2, 3) == zeros.shape
    assert not middles(zeros.value).any()
    (none,) = tape.gradients([tape.constant(1.0)], [tape.arithmetic.lift(np.ones(()), "float32")], [x])
    assert not middles(none.value).any()


def test_an_output_may_be_an_input_and_come_twice() -> None:
    """Cotangents of one array add up, also where it is the input itself."""
    tape = tape_of()
    x = tape.input(np.ones(2))
    cotangents = [np.array([[1.0], [2.0]]), np.array([[10.0], [20.0]])]
    (gradient,) = tape.gradients([x, x], cotangents, [x])
    assert [11.0, 22.0] == gradient.value[:, 0].tolist()


def test_stop_gradient_and_with_value() -> None:
    """`xp.stop_gradient` has no derivative; `xp.with_value(a, b)` has the value of a and the derivative of b."""
    stopped = on_floats(lambda xp, x: xp.stop_gradient(x) * x, [np.array([3.0])])
    assert ([9.0], [3.0]) == (stopped.value[:, 0].tolist(), stopped.gradients[0][:, 0].tolist())
    carried = on_balls(lambda xp, x: xp.with_value(x * 0 + 7.0, x * x), [np.array([3.0])], tangents=[np.array([2.0])])
    assert [[7.0], [12.0], [6.0]] == [
        middles(part).tolist() for part in (carried.value, carried.tangent, carried.gradients[0])
    ]


def test_lists_of_variables_are_stacked() -> None:
    """`asarray` of a list of arrays and numbers is a stack of them, with their derivatives."""
    found = on_floats(
        lambda xp, x: xp.asarray([x[1], x[0] * 2, 5.0]), [np.array([3.0, 4.0])], cotangent=[1.0, 10.0, 1.0]
    )
    assert [4.0, 6.0, 5.0] == found.value[:, 0].tolist()
    assert [20.0, 1.0] == found.gradients[0][:, 0].tolist()


def test_fills_keep_their_kind() -> None:
    """Without a dtype, `full` of an integer is int64, of a boolean bool, of a float the default: as the standard says."""
    tape = tape_of()
    assert ["int64", "bool", "float32"] == [tape.xp.full((2,), fill).dtype for fill in (3, True, 0.5)]
    assert "float64" == tape.xp.full((2,), 3, dtype="float64").dtype
    assert "int64" == tape.xp.full_like(tape.constant(np.array([1])), 7).dtype


@pytest.mark.parametrize("count", [1, 2, 7, 50])
def test_linspace_is_exact_on_balls(count: int) -> None:
    """The points are the rational numbers they are, not sums of a step that Python has rounded."""
    tape = Tape(Balls("float64", 200))
    scaled = tape.xp.linspace(0.1, 0.7, count) * float(max(count - 1, 1))
    expected = [
        tape.arithmetic.lift(np.asarray(0.1), "")[0] * (max(count - 1, 1) - place)
        + tape.arithmetic.lift(np.asarray(0.7), "")[0] * place
        for place in range(count)
    ]
    for ball, number in zip(scaled.dual.value[:, 0], expected, strict=True):
        assert ball.overlaps(number)
        assert ball.rad() <= 2.0**-180


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda xp, x: xp.take(x, [0]), "take needs an axis for an array of 2 dimensions"),
        (lambda xp, x: xp.cumulative_sum(x), "cumulative_sum needs an axis for an array of 2 dimensions"),
        (lambda xp, x: xp.squeeze(x, axis=0), r"squeeze\(axis=0\): expected axes of length 1 in shape \(2, 3\)"),
        (lambda xp, x: xp.sum(x, axis=2), "axis=2: expected distinct axes of an array with 2 dimensions"),
        (lambda xp, x: xp.sum(x, axis=(0, -2)), "expected distinct axes"),
        (lambda xp, x: xp.expand_dims(x, axis=4), "axis=4: expected distinct axes of an array with 3 dimensions"),
        (lambda xp, x: xp.flip(x, axis=2), "axis=2"),
        (lambda xp, x: xp.concat((x, x), axis=2), "axis=2"),
    ],
)
def test_what_the_standard_forbids_is_refused(call: Any, message: str) -> None:
    """Axes that are not there, named twice or missing are errors that say what was expected."""
    tape = tape_of()
    with pytest.raises(ValueError, match=message):
        call(tape.xp, tape.input(np.ones((2, 3))))


def test_elementwise_functions_take_floating_numbers() -> None:
    """exp of integers is refused by name; of a Python number it is a constant."""
    tape = tape_of()
    with pytest.raises(TypeError, match=r"xp\.exp expected floating-point numbers, got int64"):
        tape.xp.exp(tape.constant(np.array([1])))
    assert 1.0 == tape.xp.exp(0).dual.value[0]


def test_a_row_without_a_meaning_is_refused() -> None:
    """A row that means nothing cannot be run on the tape, and says so."""
    tape = tape_of()
    with pytest.raises(CaseError, match="'nowhere' has no meaning that the tape can run"):
        tape.resolve(Operation("nowhere", "no meaning", None))  # type: ignore[arg-type]  # what is refused


def test_unknown_words_are_refused() -> None:
    """A word that is not in the vocabulary gets a suggestion."""
    with pytest.raises(UnknownOperationError, match=r"xp\.soft is not a word.*Did you mean 'sqrt'|xp\.soft"):
        _ = tape_of().xp.soft


class _Heard(Listener):
    """Writes down what it hears, with its depth, and changes what one operation gives."""

    def __init__(self, doubled: str = "") -> None:
        self.doubled = doubled
        self.words: list[tuple[str, int]] = []

    def around(self, operation: Operation, call: Any, arguments: Any, keywords: Any) -> Any:
        self.words.append((operation.name, self.depth))
        result = call(*arguments, **keywords)
        return result + result if operation.name == self.doubled else result


def test_a_listener_hears_operators_indexing_and_what_definitions_are_made_of() -> None:
    """Each as the word it stands for, those that the case itself calls at depth 1, each once."""
    listener = _Heard()
    tape = Tape(Floats("float64"), listener=listener)
    x = tape.input(np.array([1.0, -2.0]))
    _ = (+(-x) < 2) & ~(1 / x == 0)
    _ = tape.xp.mean(abs(x)[0:1] ** 2)
    own = [word for word, depth in listener.words if depth == 1]
    assert ["negative", "positive", "less", "divide", "equal", "logical_not", "logical_and"] == own[:7]
    assert ["abs", "getitem", "pow", "mean"] == own[7:]
    inside = [word for word, depth in listener.words if depth == 2]
    assert "sum" in inside
    assert 0 == listener.depth


def test_what_a_loop_calls_is_called_by_the_case() -> None:
    """A loop does nothing itself, so that its body is heard at the same depth; after an error too the depth is 0."""
    listener = _Heard()
    tape = Tape(Floats("float64"), listener=listener)
    tape.xp.control.fori_loop(0, 2, lambda index, s: tape.xp.exp(s), tape.input(np.array([0.0])))
    assert [("control.fori_loop", 1), ("exp", 1), ("exp", 1)] == listener.words
    with pytest.raises(TypeError, match="expected floating-point numbers"):
        tape.xp.exp(tape.constant(np.array([1])))
    assert 0 == listener.depth


def test_a_listener_may_change_a_result() -> None:
    """What it gives is what the case gets: here `multiply` is doubled, value and derivative."""
    found = evaluate(
        Computation(lambda xp, x: x * 3, {"x": np.array([1.0])}, "float64", ("x",)),
        Floats("float64"),
        listener=_Heard("multiply"),
    )
    plain = evaluate(Computation(lambda xp, x: x * 3, {"x": np.array([1.0])}, "float64", ("x",)), Floats("float64"))
    assert [6.0] == found.quantities["value"][:, 0].tolist()
    assert np.array_equal(2 * plain.quantities["vjp:x"], found.quantities["vjp:x"])


def test_outputs_are_named() -> None:
    """One array is `value`; a tuple is `value:0`, `value:1`; None is an error that asks for a return."""
    tape = tape_of()
    x = tape.input(np.ones(2))
    assert ["value"] == list(outputs_of(tape, x))
    assert ["value:0", "value:1"] == list(outputs_of(tape, (x, 1.0)))
    with pytest.raises(CaseError, match=r"returned None.*Is a return missing"):
        outputs_of(tape, None)


def test_cotangents_belong_to_the_place_of_an_output() -> None:
    """An integer output takes no cotangent, and does not shift those of its neighbours."""
    arrays = {"x": np.array([2.0, 3.0])}
    both = evaluate(Computation(lambda xp, x: (x * 2, x * 0), arrays, "float64", ("x",), 7), Floats("float64"))
    between = evaluate(
        Computation(lambda xp, x: (x * 2, xp.argmax(x)), arrays, "float64", ("x",), 7), Floats("float64")
    )
    assert np.array_equal(both.quantities["vjp:x"], between.quantities["vjp:x"])
    assert {"value:0": "float64", "value:1": "int64", "vjp:x": "float64"} == between.dtypes
    nothing = evaluate(Computation(lambda xp, x: xp.argmax(x), arrays, "float64", ("x",), 7), Floats("float64"))
    assert ["value"] == list(nothing.quantities)


def test_every_word_can_be_found_on_every_tape() -> None:
    """Each row resolves on balls, on perturbed floats and on plain floats."""
    for kind in ARITHMETICS:
        tape = tape_of(kind)
        for name in OPERATIONS:
            found: Any = tape.xp
            for word in name.split("."):
                found = getattr(found, word)
            assert callable(found)
