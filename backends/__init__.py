"""Adapters: implementations under test, one file each. A module's `load()` gives its backend and imports its library.

Every module here is known by its name (`nnxspec.harness.lookup` finds them); other packages register theirs as entry
points of the group ``nnxspec.backends``.
"""
