"""The stacks of an environment, each one function from settings and handles to a value."""
