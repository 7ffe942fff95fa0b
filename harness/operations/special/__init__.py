"""Rows of special functions, below `xp.special`."""
