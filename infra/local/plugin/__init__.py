"""Resource types that MiniStack lacks or gets wrong. Imported only in its own process."""
