"""Measurements that anybody can repeat: `python -m benchmarks` prints one table."""
