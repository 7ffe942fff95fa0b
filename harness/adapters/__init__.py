"""One framework each: how it makes arrays, differentiates, compiles and synchronises."""
