"""Laws of the term Split and merge, a file for each group of operations."""
