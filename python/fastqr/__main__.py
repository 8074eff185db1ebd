"""``python -m fastqr`` is the command ``fastqr``."""

import sys

from .cli import main

sys.exit(main())
