"""A made-up run that looks like a real one: many cases, nine backends by mode, every verdict and outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from harness.model import (
    Array,
    BackendFacts,
    CaseFacts,
    Check,
    Judgement,
    Observation,
    Outcome,
    Reference,
    Truth,
    Verdict,
)
from harness.report.build import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.report.model import Report

__all__ = ["HOSTILE", "Run", "hostile", "judged", "made_up"]

# The names that docs call hostile: each breaks some format, terminal or log when it is shown as it is.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "\"double\" and 'single' & <b>bold</b>",
    "nul\0inside",
    "\x1b[31mred\x1b[0m\x07\x08\x9b1m",
    "line\u2028and\u2029paragraph",
    "lone\ud800surrogate\udfff",
    "pipe | and \\| and `tick` and ``two``",
    "[red]markup[/red] [/] [link=file:///]x[/link] :boom:",
    "::error::boo",
    " ::warning file=x::boo ##[error]boo",
    "two\nlines\r\nand\ta tab",
    "reading\u202eorder\u2066s\ufeff",
    "{{ 7 * 7 }}{% raw %}",
    "]]> <!-- --> <![CDATA[",
    "[text](javascript:alert(1)) *star* _under_ # head @someone",
    "\ufffe\uffff\ufdd0",
)

BACKENDS = (
    BackendFacts(name="numpy", version="2.4.6", modes=("eager",), environment={"OMP_NUM_THREADS": "1"}),
    BackendFacts(
        name="torch",
        version="2.13.0",
        modes=("eager", "aot", "compile"),
        environment={"OMP_NUM_THREADS": "1", "TORCH_ALLOW_TF32": "0", "flushes subnormals": "no"},
    ),
    BackendFacts(
        name="tensorflow",
        version="2.21.0",
        modes=("eager", "function", "xla"),
        environment={"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "2", "flushes subnormals": "yes"},
    ),
    BackendFacts(
        name="jax",
        version="0.10.2",
        modes=("eager", "jit"),
        environment={"JAX_ENABLE_X64": "1", "XLA_FLAGS": "--xla_cpu_enable_fast_math=false"},
    ),
    BackendFacts(
        name="mlx", found=False, reason="No module named 'mlx'. Install it in this environment, or leave out -b mlx."
    ),
)

_WORDS: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("elementwise", "exp", "xp.exp(x)", np.exp),
    ("elementwise", "tanh", "xp.tanh(x)", np.tanh),
    ("elementwise", "sin", "xp.sin(x)", np.sin),
    ("elementwise", "log1p_square", "xp.log1p(x * x)", lambda x: np.log1p(x * x)),
    ("elementwise", "relu", "xp.nn.relu(x)", lambda x: np.maximum(x, 0.0)),
    ("nn", "sigmoid", "xp.nn.sigmoid(x)", lambda x: 1 / (1 + np.exp(-x))),
    ("nn", "softplus", "xp.log1p(xp.exp(x))", lambda x: np.log1p(np.exp(x))),
    ("nn", "softmax", "xp.nn.softmax(x)", lambda x: np.exp(x) / np.exp(x).sum()),
    ("reductions", "sum_of_squares", "xp.sum(x * x)", lambda x: np.asarray((x * x).sum())),
    ("reductions", "cumulative_sum", "xp.cumulative_sum(x)", lambda x: np.cumsum(x).reshape(x.shape)),
)

_FAULTS: dict[tuple[int, str, str], tuple[Outcome, Verdict | None, str]] = {
    (2, "tensorflow", "xla"): (
        Outcome.COMPLETED,
        Verdict.DISAGREES,
        "Every element is 1 + 2⁻¹⁴ times the truth: a relative fault, no rounding.",
    ),
    (4, "jax", "jit"): (
        Outcome.COMPLETED,
        Verdict.CONVENTION,
        "The function has no derivative here; 0.5 lies in the Clarke subdifferential [0, 1], others return 0.",
    ),
    (4, "jax", "eager"): (
        Outcome.COMPLETED,
        Verdict.CONVENTION,
        "The function has no derivative here; 0.5 lies in the Clarke subdifferential [0, 1], others return 0.",
    ),
    (7, "tensorflow", "eager"): (
        Outcome.COMPLETED,
        Verdict.ACCEPTED,
        "ledger.toml: subnormals are flushed to zero (Eigen's threads set FTZ), tensorflow >= 2.0.",
    ),
    (11, "torch", "compile"): (
        Outcome.RAISED,
        None,
        "InductorError: CppCompileError: C++ compile error\n\nCommand:\ng++ cx.cpp -o cx.so\nomp.h: No such file",
    ),
    (13, "torch", "aot"): (
        Outcome.CRASHED,
        None,
        "The worker died with signal 11 (SIGSEGV) while it computed this check.",
    ),
    (17, "tensorflow", "function"): (Outcome.TIMED_OUT, None, "No result within 60 s; the worker was killed."),
    (19, "jax", "jit"): (Outcome.OUT_OF_MEMORY, None, "The worker held 4,096 MiB, the limit; it was killed."),
    (23, "numpy", "eager"): (Outcome.MISSING, None, "The run was stopped before this check."),
    (29, "tensorflow", "xla"): (
        Outcome.UNSUPPORTED,
        None,
        "tensorflow does not offer cumulative_sum under XLA on CPU (https://github.com/tensorflow/tensorflow/issues/1)",
    ),
    (31, "numpy", "eager"): (Outcome.COMPLETED, None, "There is no reference: the enclosure did not converge."),
    (35, "torch", "eager"): (
        Outcome.COMPLETED,
        Verdict.DISAGREES,
        "NaN where the truth is finite, in 3 of 40 elements.",
    ),
}


class Run(msgspec.Struct, frozen=True):
    """What `build` takes."""

    judgements: list[Judgement]
    observations: dict[str, Observation]
    references: dict[tuple[str, str, str], Reference]
    cases: list[CaseFacts]
    backends: tuple[BackendFacts, ...]
    facts: dict[str, str]
    notes: tuple[str, ...] = ()

    def report(self) -> Report:
        """Build the report of this run."""
        return build(
            self.judgements, self.observations, self.references, self.cases, self.backends, self.facts, self.notes
        )


def made_up(count: int = 40, dtypes: tuple[str, ...] = ("float32", "float64"), seed: int = 0) -> Run:
    """Make a run of `count` cases on nine backends by mode, value and one gradient each."""
    generator = np.random.default_rng(seed)
    run = Run(
        judgements=[],
        observations={},
        references={},
        cases=[],
        backends=BACKENDS,
        facts={
            "harness": "0.1.0",
            "date": "2026-03-14 09:26:53 UTC",
            "machine": "Linux 6.1, x86_64, 2 cores",
            "python": "CPython 3.11.9",
            "K": "8",
            "seed": "0",
            "command": "harness run --profile quick",
        },
        notes=(
            "torch-0003.jsonl: the last line was torn and has been cut; its check was run again.",
            "Two observations of nn/softmax_16[normal]/jax/jit/float32/cpu/value differ; both are kept, the first is shown.",
        ),
    )
    for index in range(count):
        area, word, expression, function = _WORDS[index % len(_WORDS)]
        name = word if index < len(_WORDS) else f"{word}_{index}"
        sample, shape = ("given", (3,)) if index < len(_WORDS) else ("normal", (8, 5))
        description = "x = [−1.5, 0.0, 2.0]" if sample == "given" else "x: normal, shape 8×5, mean 0, scale 1"
        case = CaseFacts(
            id=f"{area}/{name}",
            area=area,
            name=name,
            docstring=f"{expression.replace('xp.', '')}, element by element.\n\n"
            f"Input: x, shape {'×'.join(map(str, shape))}. Output: the same shape, unless it is reduced.\n"
            "Source: Abramowitz and Stegun, section 4.",
            source=f"@case(x={'given([-1.5, 0.0, 2.0])' if sample == 'given' else 'normal((8, 5))'})\n"
            f"def {name}(xp, x):\n"
            f'    """{expression.replace("xp.", "")}, element by element."""\n'
            f"    # Written once, run by all.\n"
            f"    return {expression}\n",
            path=f"cases/{area}/{word}.py",
            line=12 + index,
            operations=tuple(part.split("(")[0] for part in expression.split("xp.")[1:]),
            samples={sample: description},
            natives=("torch", "jax") if index % 10 == 7 else (),
        )
        run.cases.append(case)
        inputs = np.array([-1.5, 0.0, 2.0]) if sample == "given" else generator.standard_normal(shape)
        for dtype in dtypes:
            _one(run, index, case, sample, dtype, inputs.astype(dtype).astype(np.float64), function, generator)
    return run


def _one(
    run: Run,
    index: int,
    case: CaseFacts,
    sample: str,
    dtype: str,
    inputs: np.ndarray[Any, Any],
    function: Callable[[Any], Any],
    generator: np.random.Generator,
) -> None:
    value = np.asarray(function(inputs), dtype=np.float64)
    step = 1e-6
    gradient = (np.asarray(function(inputs + step)) - np.asarray(function(inputs - step))) / (2 * step)
    truths = {"value": value, "vjp:x": np.broadcast_to(gradient, inputs.shape).astype(np.float64)}
    kink = index % len(_WORDS) == 4
    if kink:
        truths["vjp:x"] = np.where(inputs == 0, 0.0, truths["vjp:x"])
    quantities = {}
    for quantity, truth in truths.items():
        ends: dict[str, Array] = {}
        if kink and quantity != "value" and sample == "given":
            ends = {
                "inner_low": Array.of(np.where(inputs == 0, 0.0, truth)),
                "inner_high": Array.of(np.where(inputs == 0, 1.0, truth)),
            }
        quantities[quantity] = Truth(high=Array.of(truth), sigma=Array.of(np.abs(truth) * 2.0**-24), **ends)
    run.references[case.id, sample, dtype] = Reference(
        id=f"{index:016x}",
        case=case.id,
        sample=sample,
        dtype=dtype,
        kind="proved",
        precision=128,
        quantities=quantities,
    )
    for backend in BACKENDS:
        for mode in backend.modes:
            for quantity, truth in truths.items():
                implementations = ("portable", "native") if backend.name in case.natives else ("portable",)
                for implementation in implementations:
                    check = Check(case.id, sample, backend.name, mode, dtype, "cpu", quantity, implementation)
                    fault = _FAULTS.get((index, backend.name, mode))
                    if fault is not None and (dtype != "float32" or (index == 4 and quantity == "value")):
                        fault = None
                    _observe(run, check, backend.version, truth, fault, generator)


def _observe(
    run: Run,
    check: Check,
    version: str,
    truth: np.ndarray[Any, Any],
    fault: tuple[Outcome, Verdict | None, str] | None,
    generator: np.random.Generator,
) -> None:
    outcome, verdict, reason = fault or (Outcome.COMPLETED, Verdict.AGREES, None)
    returned = truth.astype(check.dtype)
    noise = generator.integers(-1, 2, size=returned.shape)
    observed = np.asarray(returned + noise * np.spacing(returned) * (returned != 0), dtype=check.dtype)
    if verdict is Verdict.DISAGREES:
        observed = np.asarray(observed * (1 + 2.0**-14), dtype=check.dtype)
        if "NaN" in (reason or ""):
            observed.reshape(-1)[1:4] = np.nan
    if verdict is Verdict.CONVENTION:
        observed = np.where(np.arange(observed.size).reshape(observed.shape) == 1, 0.5, observed).astype(check.dtype)
    slow = 14.2 if check.mode == "compile" else 0.31 if check.mode in {"aot", "jit", "xla", "function"} else 8e-4
    seconds = {"first": slow * generator.uniform(0.8, 1.3), "again": 4e-5 * generator.uniform(0.5, 9.0)}
    completed = outcome is Outcome.COMPLETED
    run.observations[check.id] = Observation(
        id=f"{len(run.observations):016x}",
        check=check,
        outcome=outcome,
        reason=None if completed else reason,
        value=Array.of(observed) if completed else None,
        versions={check.backend: version, "numpy": "2.4.6"},
        seconds=seconds if completed else {},
    )
    errors = np.abs(observed.astype(np.float64) - truth).reshape(-1) if completed else np.zeros(1)
    place = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    ulps = (
        float(errors[place] / np.spacing(np.abs(truth.astype(check.dtype)).reshape(-1)[place])) if completed else None
    )
    z = None if ulps is None or verdict is None else ulps * float(generator.uniform(0.2, 0.9))
    if verdict is Verdict.CONVENTION:
        z, ulps = 0.8, 1.0
    if z is not None and np.isnan(z):
        z = ulps = float("inf")
    run.judgements.append(
        Judgement(
            check=check,
            version=version,
            outcome=outcome,
            verdict=verdict,
            reference="none" if completed and verdict is None else "proved" if completed else "none",
            error_ulps=ulps,
            z=z,
            worst_index=tuple(int(i) for i in np.unravel_index(place, truth.shape)) if completed else None,
            observed=_exact(observed, place) if completed else None,
            truth=_exact(truth, place) if completed else None,
            reason=reason,
            seconds=seconds if completed else {},
        )
    )


def _exact(values: np.ndarray[Any, Any], place: int) -> str:
    number = float(values.reshape(-1)[place])
    return number.hex() if np.isfinite(number) else str(number)


def judged(
    outcome: Outcome = Outcome.COMPLETED, verdict: Verdict | None = None, text: str = "seeds/softmax", **fields: Any
) -> Judgement:
    """Make one judgement whose names and reason are all the same text."""
    names = {"sample": text, "backend": text, "mode": text, "dtype": "float32", "device": "cpu", "quantity": text}
    check = Check(case=text, **names)
    return Judgement(check=check, version=text, outcome=outcome, verdict=verdict, **{"reason": text, **fields})


def hostile(text: str) -> Run:
    """Make a run of every verdict and outcome in which everything a person or a framework can name is this text."""
    combinations: list[tuple[Outcome, Verdict | None]] = [
        *((Outcome.COMPLETED, verdict) for verdict in Verdict),
        *((outcome, None) for outcome in Outcome),
    ]
    judgements, observations = [], {}
    for position, (outcome, verdict) in enumerate(combinations):
        plain = judged(outcome, verdict, text, observed=text, truth=text, reference=text)
        judgement = msgspec.structs.replace(
            plain, check=msgspec.structs.replace(plain.check, implementation=f"{text}{position}")
        )
        judgements.append(judgement)
        observations[judgement.check.id] = Observation(
            id=text,
            check=judgement.check,
            outcome=outcome,
            reason=text,
            value=Array(text, (2,), b"xx", text),
            versions={text: text},
            environment={text: text},
        )
    case = CaseFacts(
        id=text,
        area=text,
        name=text,
        docstring=text,
        source=text,
        path=text,
        operations=(text,),
        samples={text: text},
        natives=(text,),
    )
    backend = BackendFacts(name=text, version=text, modes=(text,), found=False, reason=text, environment={text: text})
    reference = Reference(id=text, case=text, sample=text, dtype="float32", kind=text, reason=text)
    return Run(
        judgements=judgements,
        observations=observations,
        references={(text, text, "float32"): reference},
        cases=[case],
        backends=(backend,),
        facts={text: text, "K": text},
        notes=(text,),
    )
