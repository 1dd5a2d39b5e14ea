"""Makes and keeps a PostgreSQL user that may read what is named, and nothing else.

It reads catalogues, compares them with what is wanted, and runs the statements that are missing:
a second run runs none.
"""
