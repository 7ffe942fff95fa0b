"""Timing: what a worker does to be timed, and the rounds in which it is asked."""
