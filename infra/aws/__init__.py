"""AWS in our own words: what the rest asks of it, and the only code that calls boto3.

`services` says what can be asked, as protocols and plain values; `connection` gives the real
implementation. Everything else takes an `Aws`, so that tests hand in fakes of a few lines.
"""
