"""The store: append-only segments of JSON lines, and an index of them."""
