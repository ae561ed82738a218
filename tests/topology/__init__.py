"""Tests of the domain and its stores."""
