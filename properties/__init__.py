"""For which inputs: Hypothesis strategies, and one test for each law, bound to them."""
