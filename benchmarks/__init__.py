"""Speed and size, beside peers in the same run; nothing is asserted. See docs/benchmarks.md."""
