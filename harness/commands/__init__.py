"""Commands of `nnxspec`, one module each: `add` describes the command line, `run` does the work."""
