"""JUnit XML, for the test tabs of continuous-integration services: a suite a case, a test case a check."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from harness.report.escape import entities, line, visible
from harness.report.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.report.model import CaseSection, Line, Report

__all__ = ["render"]

_PASSED = frozenset({Standing.AGREES, Standing.CONVENTION, Standing.ACCEPTED})
_FAILED = frozenset({Standing.DISAGREES, Standing.UNJUDGED})


def render(report: Report) -> str:
    """Write the report as JUnit XML.

    A check that was judged and is not fine is a failure; one that was not completed is an error; a declared gap is
    skipped. A convention or an accepted divergence passes, with its reason in `system-out`.
    """
    root = ET.Element("testsuites", {"name": "harness"} | _sizes(report.cases))
    for case in report.cases:
        if case.tally.total:
            suite = ET.SubElement(root, "testsuite", {"name": line(case.facts.id)} | _sizes([case]))
            if report.judged_by:
                properties = ET.SubElement(suite, "properties")
                ET.SubElement(properties, "property", {"name": "judged by", "value": line(report.judged_by)})
            for one in _lines(case):
                _test_case(suite, one)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{entities(ET.tostring(root, encoding="unicode"))}\n'


def _test_case(suite: ET.Element, one: Line) -> None:
    attributes = {"classname": line(one.judgement.check.case), "name": line(one.judgement.check.id)}
    element = ET.SubElement(suite, "testcase", attributes | {"time": f"{_seconds(one):.6f}"})
    text = _explanation(one)
    if one.standing is Standing.UNSUPPORTED:
        ET.SubElement(element, "skipped", {"message": line(one.reason or one.standing.words)})
    elif one.standing in _PASSED:
        if one.standing is not Standing.AGREES:
            ET.SubElement(element, "system-out").text = text
    else:
        tag = "failure" if one.standing in _FAILED else "error"
        message = line(one.reason.partition("\n")[0] or one.standing.words)
        ET.SubElement(element, tag, {"type": one.standing.value, "message": message}).text = text


def _explanation(one: Line) -> str:
    parts = [f"{one.standing.words}: {one.reason}" if one.reason else one.standing.words]
    if one.worst:
        parts.append(one.worst)
    if one.z:
        parts.append(f"z {one.z}, {one.ulps} ulp, reference {one.judgement.reference}")
    if not one.standing.fine:
        parts.append(f"See more: {one.command}")
    return visible("\n".join(parts))


def _lines(case: CaseSection) -> list[Line]:
    return [one for sample in case.samples for table in sample.tables for one in table.lines]


def _seconds(one: Line) -> float:
    return sum(seconds for seconds in one.judgement.seconds.values() if math.isfinite(seconds) and seconds > 0)


def _sizes(cases: Sequence[CaseSection]) -> dict[str, str]:
    lines = [one for case in cases for one in _lines(case)]
    failures = sum(1 for one in lines if one.standing in _FAILED)
    skipped = sum(1 for one in lines if one.standing is Standing.UNSUPPORTED)
    passed = sum(1 for one in lines if one.standing in _PASSED)
    return {
        "tests": str(len(lines)),
        "failures": str(failures),
        "errors": str(len(lines) - failures - skipped - passed),
        "skipped": str(skipped),
        "time": f"{sum(map(_seconds, lines)):.6f}",
    }
