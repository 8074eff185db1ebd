"""Other readers' interfaces over fastqr, to change a program's import and nothing else (docs/migrating.md).

`fastqr.compat.pyzbar` stands for ``pyzbar.pyzbar``, `fastqr.compat.cv2` for OpenCV's ``QRCodeDetector`` and
``QRCodeDetectorAruco``. Names, arguments and results are the originals'; codes other than QR codes are not read.
"""

from __future__ import annotations

__all__: list[str] = []
