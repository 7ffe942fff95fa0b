"""Rows of linear algebra: products, and `xp.linalg`."""
