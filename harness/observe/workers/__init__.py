"""Worker processes: the protocol, the processes, and what supervises them."""
