"""Speed and memory beside others', as ratios of one run: see `scripts/bench --help`."""
