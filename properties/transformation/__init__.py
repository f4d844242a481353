"""Laws of the term Transformation, bound to strategies."""
