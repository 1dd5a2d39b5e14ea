"""Reusable groups of resources, each for anybody's `troposphere.Template`.

A block adds its resources to the template it is given and returns a frozen handle to them; its
docstring is its guarantee.
"""
