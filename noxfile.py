"""What is shipped, made and tried as a user gets it: ``nox`` builds the wheel and tests it on every Python at hand.

``nox -s sbom`` writes the bill of materials of a clean install. ``nox -s free_threaded``
tries the extension without the GIL. Sessions: wheel (each Python), sbom, free_threaded.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["wheel"]
nox.options.error_on_missing_interpreters = False

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
ROOT = Path(__file__).parent


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it in a clean environment, and run the tests away from the source."""
    session.install(f"{_built(session)}[test]")
    with tempfile.TemporaryDirectory() as away:
        for name in ("tests", "benchmarks", "cpp/fuzz"):  # the fuzzers' Python, which is tested as well
            shutil.copytree(ROOT / name, Path(away, name), ignore=shutil.ignore_patterns("out", "__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", away)  # pytest's settings
        session.chdir(away)
        session.run(
            "python", "-c", "import fastqr, pathlib; assert 'site-packages' in pathlib.Path(fastqr.__file__).parts"
        )
        session.run("python", "-m", "fastqr", "info")
        session.run("pytest", "-q", *session.posargs)


@nox.session(python="3.13t")
def free_threaded(session: nox.Session) -> None:
    """Build for a Python without the GIL, and let eight threads do in the extension what one does."""
    session.install("--only-binary", ":all:", "numpy", "segno")  # the newest NumPy that has a wheel for it
    session.install("--no-deps", str(_built(session)))
    session.run("python", "scripts/free_threaded.py")


@nox.session
def sbom(session: nox.Session) -> None:
    """Write ``dist/fastqr-environment.cdx.json``: fastqr and all that pip installs with it, as CycloneDX."""
    session.install("cyclonedx-bom>=5")
    out = ROOT / "dist" / "fastqr-environment.cdx.json"
    out.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "venv", folder)
        python = next(path for path in Path(folder).glob("*/python*") if path.stem == "python")
        session.run(str(python), "-m", "pip", "install", "--quiet", str(_built(session)), external=True)
        session.run(str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "pip", "setuptools", external=True)
        session.run(
            *("cyclonedx-py", "environment", "--pyproject", "pyproject.toml", "--output-reproducible"),
            *("--spec-version", "1.6", "--output-format", "JSON", "--output-file", str(out), str(python)),
        )


def _built(session: nox.Session) -> Path:
    """Return the wheel, built by this session's Python in an isolated environment."""
    folder = Path(session.create_tmp(), "wheel")
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (made,) = folder.glob("fastqr-*.whl")
    names = zipfile.ZipFile(made).namelist()
    if not any(name.endswith(".dist-info/sboms/fastqr.cdx.json") for name in names):
        session.error(f"{made.name} holds no bill of materials")
    return made
