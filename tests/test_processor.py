"""The vector instructions of a processor."""

from __future__ import annotations

import platform

import pytest

from harness import processor

__all__: list[str] = []


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("sse sse2 sse4_2 avx avx2 fma avx512f avx512bw avx512vl", "AVX512"),
        ("sse sse2 sse4_2 avx avx2 fma avx512f", "AVX2"),
        ("sse4_2 avx avx2", "AVX"),
        ("sse sse2 sse4_2", "SSE4_2"),
        ("fp asimd", ""),
    ],
)
def test_the_widest_level_that_is_whole_counts(flags: str, expected: str) -> None:
    """A level counts if everything that kernels of it use is there."""
    assert expected == processor._widest(f"processor\t: 0\nflags\t\t: {flags}\n")


def test_without_linux_s_file_the_architecture_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no /proc/cpuinfo."""
    processor.instructions.cache_clear()

    class Missing:
        def __init__(self, _: str) -> None: ...

        def read_text(self, **_: str) -> str:
            raise FileNotFoundError

    monkeypatch.setattr(processor, "Path", Missing)
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    try:
        assert "arm64" == processor.instructions()
    finally:
        processor.instructions.cache_clear()
