"""Rows of neural-network functions, below `xp.nn`."""
