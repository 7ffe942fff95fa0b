"""What an observing worker does, and what it answers."""
