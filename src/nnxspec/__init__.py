"""An executable specification of the object model behind Flax NNX.

`nnxspec.spec` says what must hold, `nnxspec.reference_impl` is a small implementation for which it holds, and
`nnxspec.properties` searches for inputs for which it does not hold on a backend of your choice. Importing the package
itself is cheap: neither jax nor pytest is loaded before a part that needs it.
"""

from pathlib import Path

__version__ = "0.1.0"

__all__ = ["__version__"]

_here = Path(__file__).parent
if not (_here / "spec" / "__init__.py").exists() and (_here.parents[1] / "spec" / "__init__.py").exists():
    # The rooms lie beside src/ and the links to them are missing (an unpacked sdist, a checkout without symbolic links).
    __path__.append(str(_here.parents[1]))
