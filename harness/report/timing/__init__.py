"""Timing runs, as a reader sees them: one model, a summary, pages, and files for other programs."""
