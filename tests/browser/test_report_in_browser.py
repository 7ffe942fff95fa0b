"""The report's page in a real browser: what a reader sees, clicks and types."""

from __future__ import annotations

import functools
import html
import json
import re
import shutil
import subprocess
import tempfile
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from harness.report import html as renderer
from tests.conftest import CASES, Project
from tests.report.catalogue import HOSTILE, hostile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@functools.cache
def _browser() -> tuple[str, str]:
    """Give the browser's path, or why there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        return "", f"no browser was found: expected one of {', '.join(NAMES)} on PATH"
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=60)
    return (path, "") if done.returncode == 0 else ("", f"{path} does not start: {done.stderr.strip()[:200]}")


@pytest.fixture
def dump(tmp_path: Path) -> Callable[..., str]:
    """Give what opens a page and returns its DOM, once its scripts have run."""
    path, reason = _browser()
    if not path:
        pytest.skip(reason)

    def dumps(page: Path, place: str = "", width: int = 1280) -> str:
        with tempfile.TemporaryDirectory(dir=tmp_path, ignore_cleanup_errors=True) as profile:
            words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
            words += [f"--user-data-dir={profile}", f"--window-size={width},900", "--virtual-time-budget=3000"]
            words += ["--enable-logging=stderr", "--dump-dom", f"{page.as_uri()}{place}"]
            done = subprocess.run([path, *words], capture_output=True, check=True, timeout=120)
        complaints = [row for row in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in row]
        assert [] == complaints
        return done.stdout.decode("utf-8")

    return dumps


@pytest.fixture
def ask(dump: Callable[..., str], tmp_path: Path) -> Callable[..., Any]:
    """Give what runs a script in a copy of a page whose policy lets it, and returns what it gives."""

    def asks(page: Path, script: str, place: str = "", width: int = 1280) -> Any:
        text = re.sub(r"<meta http-equiv=.Content-Security-Policy[^>]*>", "", page.read_text(encoding="utf-8"))
        copy = tmp_path / "asked.html"
        answer = f"document.documentElement.dataset.answer = JSON.stringify((() => {{ {script} }})());"
        copy.write_text(text.replace("</body>", f"<script>{answer}</script></body>"), encoding="utf-8")
        (found,) = re.findall(r'<html[^>]* data-answer="([^"]*)"', dump(copy, place, width))
        return json.loads(html.unescape(found))

    return asks


class _Seen(HTMLParser):
    """The text of a document outside scripts and styles, and the tags in it."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._silent = False
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._silent else data


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a small project on NumPy, on a fake that is wrong and on one that crashes, and give the page."""
    made = Project(tmp_path_factory.mktemp("browsed"))
    for name, text in CASES.items():
        made.write(f"cases/{name}", text)
    fakes = ("-b", "sign_flipped", "--adapter", "tests.fakes:SignFlipped", "-b", "segfault", "-m", "eager")
    result = made.run("-b", "numpy", *fakes, "--adapter", "tests.fakes:Segfault")
    assert 1 == result.exit_code
    return made.folder / "store/reports/index.html"


def test_a_reader_sees_the_verdict_first_and_everything_else_below(page: Path, dump: Callable[..., str]) -> None:
    """The headline, what is not fine with its reason and command, the matrix, the cases, the environment."""
    seen = _Seen(dump(page))
    text = " ".join(seen.text.split())
    assert "23 of 45 checks are not fine, in 4 cases." in text
    for words in (
        "looks like the right answer with the sign reversed",
        "the worker was killed by SIGSEGV",
        "harness run curves/wave -b sign_flipped -m eager -d float32 -q vjp:x",
        "exp(sin x), elementwise.",
        "return xp.exp(xp.sin(x))",
        "gradient with respect to x",
        "cases/curves/smooth.py:5",
        "reference: proved",
        "PYTHONHASHSEED=0",
    ):
        assert words in text
    assert text.index("23 of 45") < text.index("SIGSEGV") < text.index("Matrix worst") < text.rindex("Environment")


def test_the_page_s_own_script_is_the_only_one_and_runs(page: Path, dump: Callable[..., str]) -> None:
    """Its policy lets it run: the filter, which needs it, is shown. Without it, there is no filter and no hole."""
    shown = [attributes for tag, attributes in _Seen(dump(page)).tags if tag == "form"]
    written = [attributes for tag, attributes in _Seen(page.read_text(encoding="utf-8")).tags if tag == "form"]
    assert [{"id": "filter"}] == shown
    assert [{"id": "filter", "hidden": None}] == written


def test_the_filter_leaves_what_is_asked_for(page: Path, ask: Callable[..., Any]) -> None:
    """By words of the case's name, in the matrix and among the cases alike; and it says so where nothing is left."""
    script = """
        const search = document.querySelector("#filter [name=search]");
        const seen = (which) => [...document.querySelectorAll(which)].filter((one) => one.checkVisibility()).length;
        return ["", "curves", "sum AFF", "nothing"].map((words) => {
            search.value = words;
            search.dispatchEvent(new Event("input", { bubbles: true }));
            return [seen("tr[data-case]"), seen("details.case"), seen("#none")];
        });
    """
    assert [[4, 4, 0], [2, 2, 0], [1, 1, 0], [0, 0, 1]] == ask(page, script)


def test_a_link_opens_its_case(page: Path, ask: Callable[..., Any]) -> None:
    """Every other case stays closed."""
    script = "return [...document.querySelectorAll('details.case[open]')].map((one) => one.dataset.case);"
    assert ["sums/affine_sum"] == ask(page, script, "#case-sums-affine_sum")
    assert [] == ask(page, script)


@pytest.mark.parametrize("width", [420, 1280])
def test_the_page_fits_its_window(page: Path, ask: Callable[..., Any], width: int) -> None:
    """Wide tables scroll by themselves, also on a telephone and with every case open."""
    script = """
        for (const one of document.querySelectorAll("details")) one.open = true;
        return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    """
    assert 0 == ask(page, script, width=width)


def test_hostile_names_stay_text(tmp_path: Path, dump: Callable[..., str]) -> None:
    """A browser finds the tags of a page with plain names, and no script has run."""
    tags = []
    for number, text in enumerate(["plain", "".join(HOSTILE) + "<img src=x onerror=\"document.title='owned'\">"]):
        file = tmp_path / f"{number}.html"
        file.write_text(renderer.render(hostile(text).report()), encoding="utf-8")
        seen = _Seen(dump(file))
        tags.append([tag for tag, _ in seen.tags if tag != "i"])  # source is coloured by its tokens
        assert "title" in tags[-1]
        assert "owned" not in next(row for row in seen.text.splitlines() if "harness report" in row)
    assert tags[0] == tags[1]
