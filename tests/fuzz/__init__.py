"""What must hold for any bytes, as targets of a coverage-guided fuzzer: see `scripts/fuzz`."""
