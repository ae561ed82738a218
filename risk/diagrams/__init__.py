"""Failure formulas and their probabilities: modules, decision diagrams, and what is done where these grow too large."""
