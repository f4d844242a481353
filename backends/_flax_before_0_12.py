"""Names of flax 0.12.1 for what earlier releases have under others: methods of Variables that were properties.

This text, without this docstring, also stands at the top of the scripts that are written for such a release.
"""

from flax import nnx


def set_metadata(variable, *args, **metadata):
    given = dict([args]) if len(args) == 2 else dict(*args)
    for name, value in {**given, **metadata}.items():
        setattr(variable, name, value)


for cls in (nnx.Variable, nnx.variablelib.VariableState):
    if not hasattr(cls, "get_value"):
        cls.get_value = lambda variable: variable.value
        cls.set_value = lambda variable, value: setattr(variable, "value", value)
        cls.get_raw_value = lambda variable: variable.raw_value
        cls.set_raw_value = lambda variable, value: setattr(variable, "raw_value", value)
    if not hasattr(cls, "set_metadata"):
        cls.set_metadata = set_metadata
