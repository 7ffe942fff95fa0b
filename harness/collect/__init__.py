"""The cases: how they are written, drawn, found, and planned. Standard library only, NumPy where values are drawn."""
