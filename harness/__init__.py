"""How a run goes: pytest plugin, binding of laws to strategies, verdicts, failure messages, reports, the command line.

Importing this package loads nothing: the plugin lives in it, and pytest imports that in every project.
"""
