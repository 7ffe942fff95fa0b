"""Finding cases: ids, words and outputs, and every way in which a case file can be wrong."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import pytest

from harness.collect.fingerprint import of_files
from harness.collect.registry import collect, load_case, load_file, select, standard_cases
from harness.errors import CaseChangedError, CaseError, SettingsError, UnknownOperationError

if TYPE_CHECKING:
    from pathlib import Path

    from harness import Case

__all__: list[str] = []

HEAD = "from harness import case, given, normal\n\n\n"


def one(name: str, body: str = "return x", more: str = "") -> str:
    return f'@case(x=given([1.0]))\ndef {name}(xp, x):\n    """Says something."""\n    {body}\n{more}\n\n'


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, source in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + source, encoding="utf-8")
    return folder


def load(folder: Path, source: str) -> list[Case]:
    """Load one file with these cases."""
    write(folder, {"file.py": source})
    return load_file(folder / "file.py", "area")


# Ids.


def test_ids_are_folder_and_function(tmp_path: Path) -> None:
    """The area is the folder below the one that was given; files do not matter; the order is that of files and lines."""
    write(
        tmp_path / "cases",
        {
            "seeds/b.py": one("second") + one("first"),
            "seeds/deep/c.py": one("inner"),
            "seeds/a.py": one("earlier"),
            "top.py": one("alone"),
        },
    )
    expected = ["seeds/earlier", "seeds/second", "seeds/first", "seeds/deep/inner", "cases/alone"]
    assert expected == list(collect([tmp_path / "cases"]))
    assert ["seeds/second", "seeds/first"] == list(collect([tmp_path / "cases" / "seeds" / "b.py"]))
    assert ["deep/inner"] == list(collect([tmp_path / "cases" / "seeds" / "deep"]))


def test_several_folders_are_joined(tmp_path: Path) -> None:
    """Cases of all folders that were given are found."""
    write(tmp_path, {"one/a.py": one("first"), "two/a.py": one("second")})
    assert ["one/first", "two/second"] == list(collect([tmp_path / "one", tmp_path / "two"]))


def test_an_id_that_comes_twice_is_an_error(tmp_path: Path) -> None:
    """Two files of one folder may not hold a case of one name: both places are named."""
    write(tmp_path, {"seeds/a.py": one("twin"), "seeds/b.py": one("twin")})
    message = r"b\.py:4: there is already a case 'seeds/twin' at .*a\.py:4\. A case's id is its folder .* rename one"
    with pytest.raises(CaseError, match=message):
        collect([tmp_path])


def test_a_name_that_comes_twice_in_a_file_is_an_error(tmp_path: Path) -> None:
    """The second definition would hide the first: the line of both is named."""
    with pytest.raises(CaseError, match=r"file\.py:\d+: there is already a case 'twin' at line 4\. Rename one of them"):
        load(tmp_path, one("twin") + one("twin"))


def test_cases_know_where_they_stand(tmp_path: Path) -> None:
    """Path, area, line and source are those of the file."""
    (found,) = load(tmp_path, one("alone"))
    assert ((tmp_path / "file.py").resolve(), "area", 4) == (found.path, found.area, found.line)
    assert found.source.startswith("@case(x=given([1.0]))\ndef alone(xp, x):")


# Where cases are looked for.


def test_by_default_the_cases_folder_of_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without folders, `cases/` of the current folder is collected; without one, the standard cases."""
    write(tmp_path, {"cases/seeds/a.py": one("mine")})
    monkeypatch.chdir(tmp_path)
    assert ["seeds/mine"] == list(collect())
    monkeypatch.chdir(tmp_path / "cases" / "seeds")
    assert {"seeds/affine_sum", "seeds/softmax_temperature"} <= set(collect())


def test_the_standard_cases_are_found() -> None:
    """The folder of the standard cases exists, in the package or beside it."""
    assert (standard_cases() / "seeds").is_dir()


def distribution(folder: Path, entry: str) -> None:
    """Install a distribution that offers a suite, as far as importlib can tell."""
    information = folder / "suite-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: suite\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(f"[harness.cases]\n{entry}\n", encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, and a current folder without cases."""
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    importlib.invalidate_caches()
    return tmp_path / "site"


def test_packages_offer_suites(elsewhere: Path) -> None:
    """A distribution's entry point names a package whose cases come below the entry point's name."""
    distribution(elsewhere, "mylab = mylab_cases")
    write(elsewhere / "mylab_cases", {"__init__.py": "", "optics/a.py": one("lens"), "b.py": one("plain")})
    found = collect()
    assert {"mylab/optics/lens", "mylab/plain", "seeds/affine_sum"} <= set(found)


@pytest.mark.parametrize("target", ["no_such_package", "no_such.package", "json.decoder"])
def test_an_entry_point_to_no_package_is_an_error(elsewhere: Path, target: str) -> None:
    """An entry point that names nothing, or a module without a folder, is named with what was expected."""
    distribution(elsewhere, f"mylab = {target}")
    message = rf"The entry point mylab = '{target}' of group harness\.cases names no package: expected a package whose"
    with pytest.raises(CaseError, match=message):
        collect()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the folder, and where it was looked for."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SettingsError, match=rf"No folder or file 'missing' in {tmp_path}: expected one with case files"
    ):
        collect(["missing"])


# What is wrong with a file.


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("import torch\n", 4, "torch"),
        ("import jax.numpy as jnp\n", 4, r"jax\.numpy"),
        ("\nfrom tensorflow import keras\n", 5, "tensorflow"),
        ("try:\n    import torch.nn\nexcept ImportError:\n    pass\n", 5, r"torch\.nn"),
        ("if True:\n    from keras import layers\n", 5, "keras"),
        ("class A:\n    import cupy\n", 5, "cupy"),
    ],
)
def test_a_framework_at_module_level_is_an_error(tmp_path: Path, source: str, line: int, what: str) -> None:
    """A framework imported outside every function is refused before the file is run, with its line and the cure."""
    message = rf"file\.py:{line}: a case file imports no framework, but this imports '{what}'\. Use xp; or move"
    with pytest.raises(CaseError, match=message):
        load(tmp_path, source)


def test_a_framework_in_a_native_body_is_fine(tmp_path: Path) -> None:
    """Inside a native implementation a framework may be imported."""
    native = '@alone.native("torch")\ndef _(x):\n    import torch\n    return torch.exp(x)\n'
    (found,) = load(tmp_path, one("alone") + native)
    assert ["torch"] == list(found.natives)


def test_a_module_that_is_named_alike_is_no_framework(tmp_path: Path) -> None:
    """`import torchlike` is refused by Python alone, not as a framework."""
    with pytest.raises(CaseError, match=r"file\.py:4: ModuleNotFoundError: No module named 'torchlike'"):
        load(tmp_path, "import torchlike\n")


def test_a_syntax_error_is_named_with_its_line(tmp_path: Path) -> None:
    """What Python cannot parse is said with file and line."""
    with pytest.raises(CaseError, match=r"file\.py:5: .*Expected Python source"):
        load(tmp_path, "x = 1\ny = = 2\n")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00case", b"x = 1\x00\n", None])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """Bytes that are no UTF-8, NUL in a source and a file that is gone are said, not raised as they come."""
    if content is not None:
        (tmp_path / "file.py").write_bytes(content)
    with pytest.raises(CaseError, match=r"file\.py.*Expected Python source"):
        load_file(tmp_path / "file.py", "area")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n1 / 0\n", r"file\.py:5: ZeroDivisionError: division by zero\. The case file cannot be run"),
        ("def f():\n    raise KeyError('k')\n\n\nf()\n", r"file\.py:5: KeyError: 'k'"),
        ("import sys\nsys.exit('enough')\n", r"file\.py:5: SystemExit: enough"),
        (
            "@case\ndef alone(xp, x):\n    return x\n",
            r"file\.py:4: TypeError: case\(\) takes 0 positional arguments",
        ),
    ],
)
def test_a_file_that_cannot_be_run_is_an_error(tmp_path: Path, source: str, message: str) -> None:
    """Whatever a case file raises, or an exit, is said with the line in that file."""
    with pytest.raises(CaseError, match=message):
        load(tmp_path, source)


def test_a_bad_signature_names_file_and_line(tmp_path: Path) -> None:
    """An error of a declaration keeps its own words, which name file and line."""
    with pytest.raises(CaseError, match=r"file\.py:4: alone\(x\): expected xp as the first parameter"):
        load(tmp_path, "@case(x=given([1.0]))\ndef alone(x):\n    return x\n")


# Words.


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "return xp.softmaks(x)",
            r"file\.py:7: xp\.softmaks is not a word of the vocabulary\. Did you mean '.*softmax'",
        ),
        ("return xp.special.erff(x)", r"xp\.special\.erff is not a word .*Did you mean 'special\.erf"),
        ("return xp.nn.reLU(x)", r"xp\.nn\.reLU is not a word .*Did you mean 'nn\.relu'"),
        (
            "return xp.zzzzqqqq(x)",
            r"xp\.zzzzqqqq is not a word of the vocabulary\. All words stand in harness/operations",
        ),
        ("return x + (lambda y: xp.tanhh(y))(x)", r"xp\.tanhh is not a word"),
    ],
)
def test_an_unknown_word_is_an_error(tmp_path: Path, body: str, message: str) -> None:
    """A word that `xp` does not have is refused before anything is run, with line and suggestion."""
    with pytest.raises(UnknownOperationError, match=message):
        load(tmp_path, one("alone", body))


def test_words_are_found_through_helpers(tmp_path: Path) -> None:
    """The words of a case are its own and those of functions of `xp` that it calls, however deep, recursion included."""
    helpers = (
        "def shifted(xp, x):\n    return centred(xp, x) - xp.max(x)\n\n\n"
        "def centred(xp, x):\n    return x - xp.mean(x) if x.ndim else shifted(xp, x)\n\n\n"
        "def unused(xp, x):\n    return xp.sin(x)\n\n\n"
    )
    (found,) = load(tmp_path, helpers + one("alone", "return xp.nn.relu(shifted(xp, x)) * xp.pi + x.shape[0]"))
    assert ("max", "mean", "nn.relu") == found.operations


def test_constants_and_dtypes_are_words(tmp_path: Path) -> None:
    """Constants and dtypes of `xp` are known, and are no operations."""
    (found,) = load(tmp_path, one("alone", "return xp.astype(x, xp.float64) * xp.e + xp.inf * 0 + x[xp.newaxis, :]"))
    assert ("astype",) == found.operations


# Outputs.


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ("return x", None),
        ("return x, 2 * x", 2),
        ("return (x,)", 1),
        ("if x.ndim:\n        return x, x\n    return 2 * x, x", 2),
        ("def pair(y):\n        return y, y\n    return pair(x)[0]", None),
        ("def alone(y):\n        return y\n    return alone(x), x, x", 3),
        ("return (lambda y: (y, y))(x)[0]", None),
    ],
)
def test_outputs_are_counted(tmp_path: Path, body: str, outputs: int | None) -> None:
    """How many arrays a case returns is read from its own returns; functions inside it do not count."""
    (found,) = load(tmp_path, one("case_of_outputs", body))
    assert outputs == found.outputs


@pytest.mark.parametrize(
    "body", ["if x.ndim:\n        return x\n    return x, x", "if x.ndim:\n        return x, x\n    return x, x, x"]
)
def test_outputs_that_vary_are_an_error(tmp_path: Path, body: str) -> None:
    """A case returns always one array, or always as many."""
    with pytest.raises(CaseError, match=r"file\.py:\d+: alone returns sometimes one array and sometimes several"):
        load(tmp_path, one("alone", body))


def test_what_is_no_case_may_return_what_it_likes(tmp_path: Path) -> None:
    """A helper of `xp` may return sometimes one thing and sometimes several."""
    helper = "def helper(xp, x):\n    if x.ndim:\n        return x, x\n    return x\n\n\n"
    (found,) = load(tmp_path, helper + one("alone", "return helper(xp, x)[0]"))
    assert found.outputs is None


# Workers load single cases.


def test_a_worker_loads_a_case_by_name(tmp_path: Path) -> None:
    """The same file is read once, a changed one again; a name that is not there is an error."""
    write(tmp_path, {"file.py": one("alone")})
    path = str(tmp_path / "file.py")
    first = load_case(path, "alone", "area")
    assert first is load_case(path, "alone", "area")
    with pytest.raises(CaseError, match="no longer holds a case 'other'"):
        load_case(path, "other", "area")
    write(tmp_path, {"file.py": one("alone", "return -x")})
    assert first is not load_case(path, "alone", "area")
    assert -2.0 == load_case(path, "alone", "area")(None, 2.0)


def test_an_edit_of_the_same_length_in_the_same_second_is_seen(tmp_path: Path) -> None:
    """No bytecode cache stands between a file and its cases, and none is left beside it."""
    for number in "123":
        write(tmp_path, {"file.py": one("alone", f"return x + {number}")})
        os.utime(tmp_path / "file.py", (0, 0))
        (found,) = load_file(tmp_path / "file.py", "area")
        assert float(number) == found(None, 0.0)
        assert f"return x + {number}" in found.source
    assert ["file.py"] == [path.name for path in tmp_path.iterdir()]


def test_a_file_that_changed_after_the_plan_is_refused(tmp_path: Path) -> None:
    """A worker runs the file that was planned, or says that it changed or is gone."""
    write(tmp_path, {"file.py": one("alone")})
    path = tmp_path / "file.py"
    planned = of_files(path)
    assert "alone" == load_case(str(path), "alone", "area", planned).name
    write(tmp_path, {"file.py": one("alone", "return -x")})
    with pytest.raises(CaseChangedError, match=r"has changed since the run was planned. Run the same command again"):
        load_case(str(path), "alone", "area", planned)
    path.unlink()
    with pytest.raises(CaseChangedError, match="can no longer be read"):
        load_case(str(path), "alone", "area", planned)


def test_files_of_one_name_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Two files named alike are two modules, each with its own globals."""
    write(
        tmp_path,
        {"a/file.py": "K = 1\n" + one("first", "return x + K"), "b/file.py": "K = 2\n" + one("second", "return x + K")},
    )
    found = collect([tmp_path])
    assert [1.0, 2.0] == [made(None, 0.0) for made in found.values()]
    names = [name for name in sys.modules if name.startswith("_harness_cases_") and name.endswith("_file")]
    assert len(names) >= 2


# Choosing.


@pytest.fixture
def catalogue(tmp_path: Path) -> dict[str, Case]:
    """Three cases in two areas, one with a second sample."""
    source = one("softmax") + one("softmax_slow") + 'softmax.sample("vector", x=normal((3,)))\n'
    return collect([write(tmp_path, {"nn/a.py": source, "sums/a.py": one("total")})])


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], {"nn/softmax": ("given", "vector"), "nn/softmax_slow": ("given",), "sums/total": ("given",)}),
        (["nn"], {"nn/softmax": ("given", "vector"), "nn/softmax_slow": ("given",)}),
        (["nn/"], {"nn/softmax": ("given", "vector"), "nn/softmax_slow": ("given",)}),
        (["nn/softmax"], {"nn/softmax": ("given", "vector")}),
        (["nn/softmax[vector]"], {"nn/softmax": ("vector",)}),
        (["nn/softmax[vec*]"], {"nn/softmax": ("vector",)}),
        (["*/*max*[given]"], {"nn/softmax": ("given",), "nn/softmax_slow": ("given",)}),
        (["nn[given]"], {"nn/softmax": ("given",), "nn/softmax_slow": ("given",)}),
        (
            ["sums", "nn/softmax[vector]", "nn/softmax[given]"],
            {"nn/softmax": ("given", "vector"), "sums/total": ("given",)},
        ),
    ],
)
def test_patterns_choose_cases_and_samples(
    catalogue: dict[str, Case], patterns: list[str], expected: dict[str, tuple[str, ...]]
) -> None:
    """Ids, areas, samples and shell patterns choose; the order is that of the catalogue, whatever was asked first."""
    found = select(catalogue, patterns)
    assert expected == {name: samples for name, (_, samples) in found.items()}
    assert list(expected) == list(found)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nn/softmaks", r"No case matches 'nn/softmaks'\. Did you mean 'nn/softmax'.*`harness list` names them all"),
        ("sumz", r"No case matches 'sumz'\. Did you mean 'sums'"),
        ("nn/softmax[vectr]", r"No case matches 'nn/softmax\[vectr\]'\. Did you mean 'nn/softmax\[vector\]'"),
        ("zzz", r"No case matches 'zzz'\. There are 3 cases: `harness list` names them all"),
        ("n", r"No case matches 'n'"),
    ],
)
def test_a_pattern_without_a_match_is_an_error(catalogue: dict[str, Case], pattern: str, message: str) -> None:
    """A pattern that matches nothing is refused, also beside one that does, with what was meant."""
    with pytest.raises(SettingsError, match=message):
        select(catalogue, ["sums", pattern])
