"""A case: a computation, written once as a Python function of `xp` and arrays."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.collect.samples import Given, Sample, Specification
from harness.errors import CaseError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Case", "case", "collecting"]

_collectors: list[list[Case]] = []


@dataclass(eq=False)
class Case:
    """A computation with its samples and, beside it, the frameworks' native ways to say the same.

    Attributes:
        function: `function(xp, *arrays, **parameters)`, returning an array or a tuple of arrays.
        name: The function's name.
        samples: By name, in the order they were declared.
        natives: Framework to `function(*arrays, **parameters)` in that framework's own words.
        programs: Other ways to say the same in `xp`, which a good library may take instead.
        portable: Whether the function is written in `xp`. If not, only its natives run and the reference is a quorum.
        derivatives: Whether they are checked, or which kinds of them.
        path: The file it stands in.
        line: The line of its definition.
        area: The folder it stands in, relative to the folder that was collected; set by the registry.
        operations: The words of `xp` its source uses; set by the registry.
        outputs: How many arrays the tuple has that its `return` writes out; None where it returns one array. Set by
            the registry.
    """

    function: Callable[..., Any]
    name: str
    samples: dict[str, Sample]
    natives: dict[str, Callable[..., Any]] = field(default_factory=dict)
    programs: list[Callable[..., Any]] = field(default_factory=list)
    portable: bool = True
    derivatives: bool | tuple[str, ...] = True
    path: Path = field(default_factory=Path)
    line: int = 0
    area: str = ""
    operations: tuple[str, ...] = ()
    outputs: int | None = None

    @property
    def id(self) -> str:
        """`area/name`, such as `seeds/affine_sum`."""
        return f"{self.area}/{self.name}" if self.area else self.name

    @property
    def docstring(self) -> str:
        """The function's docstring, dedented."""
        return inspect.getdoc(self.function) or ""

    @property
    def source(self) -> str:
        """The function's source, as written."""
        return inspect.getsource(self.function)

    def __call__(self, xp: Any, *arrays: Any, **parameters: Any) -> Any:
        """Run the portable function."""
        return self.function(xp, *arrays, **parameters)

    def sample(self, name: str, /, **arguments: Any) -> Case:
        """Add a sample. What is not given is taken from the first sample.

        Args:
            name: The sample's name, shown in brackets in a check's id.
            **arguments: A specification for each array argument, a constant for each keyword-only one.

        Returns:
            The case, so that calls can be chained.
        """
        if name in self.samples:
            raise CaseError(
                f"{_place(self.function)}: {self.name} has two samples named {name!r}. Give each its own name."
            )
        if not name or any(character in name for character in "[]/\n\r\0"):
            raise CaseError(
                f"{_place(self.function)}: {name!r} cannot name a sample: expected a word without brackets and slashes."
            )
        first = next(iter(self.samples.values()), None)
        inherited: dict[str, Any] = {**first.arrays, **first.parameters} if first else {}
        self.samples[name] = _bind(self.function, name, {**inherited, **arguments})
        return self

    def program(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Declare another way to say the same in `xp`, such as one fused operation instead of its parts.

        The truth is the case's own function. The rounding that is allowed is what the less accurate of all programs
        needs, because a native implementation, or a compiler, may take any of them. A program that is not the same
        function leaves the case without a reference.

        Args:
            function: `function(xp, *arrays, **parameters)`, with the signature of the case.
        """
        expected = str(inspect.signature(self.function))
        if str(inspect.signature(function)) != expected:
            raise CaseError(
                f"{_place(function)}: the program {function.__name__}{inspect.signature(function)} of {self.name} "
                f"expected the case's own signature, {expected}."
            )
        self.programs.append(function)
        return function

    def native(self, framework: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare how a framework says the whole computation in its own words.

        The function takes the same arguments without `xp`, imports its framework in its body, and is judged against
        the same reference.

        Args:
            framework: The name of an adapter, built in or loaded.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            if framework in self.natives:
                raise CaseError(f"{_place(function)}: {self.name} has two native implementations for {framework!r}.")
            expected = list(inspect.signature(self.function).parameters)[1:]
            got = list(inspect.signature(function).parameters)
            if got != expected:
                raise CaseError(
                    f"{_place(function)}: the {framework} implementation of {self.name} takes ({', '.join(got)}), "
                    f"expected ({', '.join(expected)}): the same arguments without xp."
                )
            self.natives[framework] = function
            return function

        return decorate


def case(
    *, portable: bool = True, derivatives: bool | tuple[str, ...] = True, **arguments: Any
) -> Callable[[Callable[..., Any]], Case]:
    """Declare a case; the arguments are its first sample, named after the first array's kind (`given`, `normal`, …).

    Args:
        portable: Say false where the computation cannot be written in `xp`: then only its native implementations
            run, and they are judged against a quorum instead of a proof.
        derivatives: Say false where values alone are checked, such as at infinities; or name the kinds of derivatives
            that are, such as `("vjp", "jvp")`.
        **arguments: A specification (`given`, `normal`, `uniform`, `integers`) for each array argument, a constant
            for each keyword-only argument.

    Returns:
        A decorator that turns a function of `xp` and arrays into a `Case`.

    Raises:
        CaseError: If arguments and signature do not match. The message names file and line.
    """

    def decorate(function: Callable[..., Any]) -> Case:
        if not inspect.isfunction(function):
            raise CaseError(f"@case expected a function of (xp, arrays…), got {function!r}.")
        made = Case(
            function=function,
            name=function.__name__,
            samples={},
            portable=portable,
            derivatives=derivatives,
            path=Path(function.__code__.co_filename),
            line=function.__code__.co_firstlineno,
        )
        first = _bind(function, "", arguments)
        kinds = [specification.kind for specification in first.arrays.values()]
        name = kinds[0] if kinds else "empty"
        made.samples[name] = Sample(name, first.arrays, first.parameters)
        if _collectors:
            _collectors[-1].append(made)
        return made

    return decorate


@contextmanager
def collecting() -> Iterator[list[Case]]:
    """Gather every case that is declared inside the block, in order."""
    found: list[Case] = []
    _collectors.append(found)
    try:
        yield found
    finally:
        _collectors.pop()


def _place(function: Callable[..., Any]) -> str:
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _bind(function: Callable[..., Any], sample: str, arguments: dict[str, Any]) -> Sample:
    """Sort a sample's arguments into arrays and parameters, and hold them against the signature."""
    place = f"{_place(function)}: {function.__name__}"
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].name != "xp":
        got = ", ".join(parameter.name for parameter in parameters)
        raise CaseError(f"{place}({got}): expected xp as the first parameter, then one parameter for each array.")
    arrays: dict[str, Specification] = {}
    constants: dict[str, Any] = {}
    remaining = dict(arguments)
    for parameter in parameters[1:]:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY}:
            raise CaseError(
                f"{place}: parameter {parameter} is not allowed: expected named arrays, then keyword-only constants."
            )
        keyword_only = parameter.kind is parameter.KEYWORD_ONLY
        if parameter.name not in remaining:
            if keyword_only and parameter.default is not parameter.empty:
                constants[parameter.name] = parameter.default
                continue
            kind = "a constant" if keyword_only else "a specification such as normal((3,))"
            raise CaseError(f"{place} has no value for parameter {parameter.name!r}: expected {kind} in @case(…).")
        value = remaining.pop(parameter.name)
        if keyword_only:
            if isinstance(value, Specification):
                raise CaseError(
                    f"{place}: {parameter.name!r} is keyword-only, so it is a constant, but got {value!r}. "
                    "Move it before the * to make it an array."
                )
            constants[parameter.name] = value
        elif isinstance(value, Specification):
            arrays[parameter.name] = value
        elif isinstance(value, (int, float)):
            arrays[parameter.name] = Given(value)
        else:
            raise CaseError(
                f"{place}: array {parameter.name!r} got {value!r}: expected given(…), normal(…), uniform(…) "
                "or integers(…)."
            )
    if remaining:
        names = [parameter.name for parameter in parameters[1:]]
        word = next(iter(remaining))
        raise CaseError(
            f"{place} has no parameter {word!r}: expected {', '.join(names) or 'none'}.{suggest(word, names)}"
        )
    return Sample(sample, arrays, constants)
