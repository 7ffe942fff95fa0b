"""The vocabulary of `xp`: one row an operation. `table.OPERATIONS` holds them all."""
