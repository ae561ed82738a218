"""Tests of what the benchmarks are made of; nothing here is timed."""
