"""See the design: one room of nnxspec."""
