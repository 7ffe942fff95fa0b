"""Runs each case on every backend, in supervised worker processes, and keeps what came back."""
