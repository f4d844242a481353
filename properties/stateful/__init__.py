"""Histories, term by term: laws that run an object through a history and compare it with one made at once."""
