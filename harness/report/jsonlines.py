"""One verdict a line, for scripts. The fields are a contract (`Judgement.row`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.report.model import Report

__all__ = ["render"]


def render(report: Report) -> str:
    r"""Write each judgement as one line of valid JSON, in ASCII: no name can break a line or an encoding.

    The standard library's encoder is used because it can write lone surrogates, as `\ud800`; non-finite numbers are
    strings already, and one that slipped through would raise a ValueError instead of writing `NaN`. Where several runs are
    put together, each line also says by which ledger it was judged.
    """
    encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(", ", ": "))
    more = {"judged_by": report.judged_by or None}
    return "".join([encoder.encode(judgement.row() | more) + "\n" for judgement in report.judgements])
