"""What is shipped, made and tried as a user gets it: ``nox`` builds the wheel and tests it on every Python at hand.

``nox -s sbom`` writes the bill of materials of a clean install. ``nox -s free_threaded``
tries the extension without the GIL. ``nox -s lowest`` tests the oldest of everything that pyproject.toml allows,
the other sessions the newest. Sessions: wheel (each Python), lowest, sbom, free_threaded.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

import nox
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

nox.needs_version = ">=2024.4"
nox.options.sessions = ["wheel", "lowest"]
nox.options.error_on_missing_interpreters = False

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")


def _lowest(specifiers: SpecifierSet) -> str:
    """Return the version that a bound from below names."""
    (version,) = (specifier.version for specifier in specifiers if specifier.operator == ">=")
    return version


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it in a clean environment, and run the tests away from the source."""
    session.install(f"{_built(session)}[test]")
    _test_installed(session)


@nox.session(python=_lowest(SpecifierSet(PYPROJECT["project"]["requires-python"])))
def lowest(session: nox.Session) -> None:
    """Do the same with the oldest Python, the oldest tools to build with and the oldest packages that are allowed."""
    project, tools = PYPROJECT["project"], PYPROJECT["build-system"]["requires"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["test"], *tools]
    pins = {each.name: _lowest(each.specifier) for each in map(Requirement, needed)}
    constraints = Path(session.create_tmp(), "lowest.txt")
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()))
    session.env["PIP_CONSTRAINT"] = session.env["PIP_BUILD_CONSTRAINT"] = str(constraints)
    wheel = _built(session)
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith(".dist-info/WHEEL"))
    if f"Generator: scikit-build-core {pins['scikit-build-core']}" not in metadata:
        session.error("the wheel was built by newer tools: constraints of them need pip 25.3")
    session.install(f"{wheel}[test]")
    session.run("python", "-m", "pip", "list")
    _test_installed(session)


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


def _test_installed(session: nox.Session) -> None:
    """Run the tests on what is installed, away from the source."""
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
