"""Judges what was observed against the reference. No framework, no tolerance."""
