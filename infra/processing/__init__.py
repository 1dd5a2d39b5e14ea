"""Log files and objects through the function's own code, on this machine.

`sources` says what arguments name, `content` opens it, `run` sends it through and keeps the books;
`target`, `transformation` and `rejected` are what the function's settings are elsewhere.
"""
