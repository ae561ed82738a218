"""Redundancy that only seems so: members that share what one failure takes away, and what that costs."""
