"""The truth, and how much rounding it allows: one tape, run on balls, on noisy floats and on plain floats."""
