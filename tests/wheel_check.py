"""Build the sdist, the wheel from it, install that in a clean environment, and run the laws from an empty folder.

A script and not a test: it needs a package index and takes a minute. `python tests/wheel_check.py [CHECKOUT]` needs
the package `build`. hatchling builds a wheel without the rooms, and says nothing, when pyproject.toml loses one of the
lines that map them; so the wheel's list of files is compared with the checkout's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

PACKAGE = "nnxspec"
ROOMS = ("backends", "benchmarks", "harness", "properties", "reference_impl", "spec")
IGNORED = ("__pycache__", ".pyc", ".hypothesis", "_cache")


def expected_files(checkout: Path) -> set[str]:
    """The files that the wheel must hold below its package: those of every room and of src/nnxspec itself."""
    files = {f"{PACKAGE}/{path.name}" for path in (checkout / "src" / PACKAGE).iterdir() if path.is_file()}
    for room in ROOMS:
        inside = {
            f"{PACKAGE}/{path.relative_to(checkout).as_posix()}"
            for path in (checkout / room).rglob("*")
            if path.is_file()
        }
        if not inside:
            raise SystemExit(f"the checkout has no file in {room}/")
        files |= inside
    return {file for file in files if not any(word in file for word in IGNORED)}


def check_contents(wheel: Path, checkout: Path) -> int:
    """Compare the wheel's files with the checkout's and return their number."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    info = f"{wheel.name.split('-py3')[0]}.dist-info"
    held = {name for name in names if not name.startswith(f"{info}/")}
    expected = expected_files(checkout)
    if missing := sorted(expected - held):
        raise SystemExit(f"the wheel lacks {len(missing)} files, among them {missing[:5]}")
    if extra := sorted(held - expected):
        raise SystemExit(f"the wheel holds {len(extra)} files that the checkout has not, among them {extra[:5]}")
    if len(names) != len(set(names)):
        raise SystemExit("the wheel holds a file twice")
    if not any(name.endswith("licenses/LICENSE") for name in names):
        raise SystemExit("the wheel lacks the licence")
    return len(held)


def run(command: list[str | Path], cwd: Path) -> str:
    """Run a command away from the checkout, with its output shown, and stop the check if it fails."""
    print("+", *(part.name if isinstance(part, Path) else part for part in command), flush=True)
    environ = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"exit status {done.returncode}")
    return done.stdout


def main(checkout: Path) -> None:
    """Make every check in a temporary folder, which goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="nnxspec-wheel-") as name:
        place = Path(name)
        # An isolated build of the sdist and then, from the unpacked sdist, of the wheel.
        run([sys.executable, "-m", "build", "--outdir", place / "dist", checkout], cwd=place)
        (wheel,) = (place / "dist").glob("*.whl")
        print(f"{wheel.name} holds {check_contents(wheel, checkout)} files", flush=True)

        venv.create(place / "venv", with_pip=True)
        bin_ = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
        run([bin_ / "python", "-m", "pip", "install", "-qq", wheel], cwd=place)
        shutil.rmtree(place / "dist")

        empty = place / "empty"
        empty.mkdir()
        where = run([bin_ / "python", "-c", "import nnxspec.spec; print(nnxspec.spec.__file__)"], cwd=empty)
        if not Path(where.strip()).resolve().is_relative_to((place / "venv").resolve()):
            raise SystemExit("the laws that ran were not the installed ones")
        run([bin_ / "nnxspec", "--help"], cwd=empty)
        # No ini file applies here, so that warnings are made errors by hand, as they are in the checkout.
        laws = ["--pyargs", "nnxspec.properties", "--nnx-profile=quick", "-n", "2", "-q", "-W", "error"]
        run([bin_ / "python", "-m", "pytest", *laws], cwd=empty)
    print("the wheel is complete, and the laws run from it", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve())
