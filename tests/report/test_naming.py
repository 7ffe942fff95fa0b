"""A check is named, run again and worded in one way."""

from __future__ import annotations

import shlex

import msgspec
import pytest

from harness.model import Check, Judgement, Outcome, Verdict
from harness.report.naming import command, label, place, worst
from tests.report.catalogue import HOSTILE

__all__: list[str] = []


def judgement(case: str = "seeds/a", verdict: Verdict | None = Verdict.AGREES, **fields: str) -> Judgement:
    """Make a judgement of a plain check."""
    names = {"sample": "given", "backend": "torch", "mode": "eager", "dtype": "float32"}
    names |= {"device": "cpu", "quantity": "value"} | fields
    return Judgement(check=Check(case, **names), version="2.13.0", outcome=Outcome.COMPLETED, verdict=verdict)


def test_a_place_names_what_is_not_usual() -> None:
    """The device and the implementation are named where a reader would not expect them."""
    usual = Check("a", "given", "torch", "jit", "float32", "cpu", "vjp:x")

    assert place(usual) == "[given] torch · jit · float32 · vjp:x"
    assert (
        label(Check("a", "given", "torch", "jit", "float32", "gpu", "vjp:x", "native")) == "torch · jit · gpu · native"
    )


def test_the_worst_element_is_put_in_words() -> None:
    """Where, what was got, what is true."""
    plain = judgement(verdict=Verdict.DISAGREES)
    wrong = msgspec.structs.replace(plain, worst_index=(0, 2), observed="0x1p+1", truth="0x1.8p+1")

    assert worst(wrong) == "at [0, 2]: got 2.0, truth 3.0"
    assert worst(msgspec.structs.replace(wrong, worst_index=(), observed=None)) == "got nothing, truth 3.0"
    assert worst(plain) == ""


@pytest.mark.parametrize("text", [*HOSTILE, "a b", "it's"])
def test_a_command_can_be_pasted(text: str) -> None:
    """A shell reads every name back as one word."""
    words = shlex.split(command(Check(text, "given", "torch", "jit", "float32", "gpu", text)))

    assert words == [
        "harness", "run", text, "-b", "torch", "-m", "jit", "-d", "float32", "--device", "gpu", "-q", text
    ]  # fmt: skip
