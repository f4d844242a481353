pytest_plugins = ["nnxspec.harness.plugin"]
