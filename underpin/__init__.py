"""Composition: settings, the choice of a store, and the command line."""
