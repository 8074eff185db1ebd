"""Training of the five networks; needs ``pip install 'fastqr[train]'``. Run as ``python -m fastqr.training``."""
