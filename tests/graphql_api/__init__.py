"""Tests of the API, through a real server wherever a client can see the difference."""
