r"""Text that others wrote (names, messages, sources), made safe to show. Nothing is dropped: what is hidden is spelled.

`visible` spells characters that a reader cannot see or that would act on a terminal, a parser or the reading order:
`\x1b`, `\u2028`, `\ud800`. Every renderer passes every foreign text through it, and then through its own format's
escaping.
"""

from __future__ import annotations

import re

__all__ = ["encodable", "entities", "line", "terminal", "visible"]

# C0 and C1 controls but tab and newline, line and paragraph separators, marks and overrides of the reading order
# (CVE-2021-42574), lone surrogates, the byte order mark, interlinear marks and noncharacters. XML 1.0, section 2.2,
# forbids the controls, the surrogates and U+FFFE and U+FFFF.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
    r"\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)

# GitHub Actions obeys `::error::` at the start of a line of a log, after any white space, and `##[…]` anywhere in it.
# https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
_COMMAND = re.compile(r"(^|\s):(?=:)", re.MULTILINE)
_OLD_COMMAND = re.compile(r"##(?=\[)")
_LINE_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)


def visible(text: str) -> str:
    r"""Spell what cannot be seen; keep tabs and newlines.

    Example:
        >>> visible("a\x1b[31mb\0c\r\nd")
        'a\\x1b[31mb\\x00c\nd'
    """
    if text.isprintable() and text.isascii():
        return text
    return _HIDDEN.sub(_spell, text.replace("\r\n", "\n"))


def line(text: str) -> str:
    r"""Spell what cannot be seen, tabs and newlines too, so that the text stays on one line.

    Example:
        >>> line("two\nlines")
        'two\\nlines'
    """
    if text.isprintable() and text.isascii():
        return text
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def terminal(text: str) -> str:
    r"""Spell also what a continuous-integration log would obey. Keeps newlines.

    A colon pair inside a word (`c10::Error`) can start no line and is left alone.

    Example:
        >>> terminal("::error::boo")
        '\\x3a:error::boo'
    """
    return _OLD_COMMAND.sub(r"#\\x23", _COMMAND.sub(r"\1\\x3a", visible(text)))


def entities(document: str) -> str:
    """Write what a continuous-integration log would obey as character references, in a whole HTML or XML document.

    A parser reads the very same text back; only a log that the file is printed to sees the difference.
    """
    return _OLD_COMMAND.sub("#&#35;", _LINE_COMMAND.sub(r"\1&#58;", document))


def encodable(text: str, encoding: str) -> str:
    """Spell characters that an encoding lacks, for terminals that are not UTF-8."""
    if encoding.lower().replace("-", "").replace("_", "") in {"utf8", "utf16", "utf32"}:
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _spell(match: re.Match[str]) -> str:
    code = ord(match.group())
    named = {0x0D: "\\r"}.get(code)
    if named is not None:
        return named
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
