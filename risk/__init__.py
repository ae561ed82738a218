"""Analyses: a snapshot in, a frozen result out; no I/O."""
