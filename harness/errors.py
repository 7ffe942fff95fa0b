"""Errors that a user can act on: what was got, what was expected, where, and what to do."""

from __future__ import annotations

__all__ = [
    "AdapterError",
    "CaseChangedError",
    "CaseError",
    "HarnessError",
    "LedgerError",
    "NothingToRunError",
    "SettingsError",
    "StoreError",
    "UnknownOperationError",
    "WorkerError",
    "suggest",
]


class HarnessError(Exception):
    """Base class of every error this package raises on purpose. The command line turns it into exit status 2."""


class CaseError(HarnessError):
    """A case file or a case in it is wrong."""


class CaseChangedError(CaseError):
    """A case file is no longer what was planned: what a worker would observe now belongs to another plan."""


class UnknownOperationError(CaseError):
    """A case uses a word that `xp` does not have."""


class SettingsError(HarnessError):
    """An option, a setting or a selection is wrong."""


class LedgerError(HarnessError):
    """The ledger of accepted divergences is wrong."""


class NothingToRunError(SettingsError):
    """The options leave no check to run."""


class AdapterError(HarnessError):
    """An adapter cannot be loaded, or does not keep the adapter contract."""


class StoreError(HarnessError):
    """A store cannot be read or written."""


class WorkerError(HarnessError):
    """A worker process broke the protocol."""


def suggest(got: str, known: list[str] | tuple[str, ...]) -> str:
    """Return ` Did you mean …?` for the closest known words, or an empty string.

    Args:
        got: The word that was not found.
        known: The words that would have been.
    """
    from difflib import get_close_matches

    close = get_close_matches(got, known, n=3, cutoff=0.6)
    if not close:
        return ""
    return f" Did you mean {' or '.join(repr(word) for word in close)}?"
