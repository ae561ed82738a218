"""Importers: bytes of one format in, a change set and its problems out."""
