"""Checks of synthesised templates, each engine giving the same kind of finding."""
