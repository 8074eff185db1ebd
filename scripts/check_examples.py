"""Check the types of the examples in README.md and docs, as a user's mypy --strict and pyright would.

The Python blocks of a page are one module, in order. Usage: python scripts/check_examples.py [mypy] [pyright]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent"],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
}


def examples(folder: Path) -> list[str]:
    """Write the examples of each page into a file of its own."""
    written = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if blocks := BLOCK.findall(page.read_text(encoding="utf-8")):
            path = folder / f"{page.stem.lower().replace('-', '_')}_example.py"
            path.write_text("\n".join(blocks), encoding="utf-8")
            written.append(str(path))
    return written


def main() -> int:
    """Run the checkers that are named, or both; the exit status is the worst of theirs."""
    with tempfile.TemporaryDirectory() as folder:
        files = examples(Path(folder))
        if not files:
            sys.exit("no examples in README.md or docs")
        source = str(ROOT / "python")
        environment = {**os.environ, "MYPYPATH": source, "PYTHONPATH": source}
        statuses = [
            subprocess.run([*CHECKERS[name], *files], cwd=folder, env=environment).returncode
            for name in sys.argv[1:] or CHECKERS
        ]
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main())
