"""A reader behind HTTP: ``uvicorn service:app``, then ``curl --data-binary @shelf.jpg localhost:8000/read``.

It needs ``pip install fastqr fastapi uvicorn``. One scanner a process serves all of its threads.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool

import fastqr

MAX_UPLOAD = 16 << 20  # bytes of an encoded picture
MAX_DECODED = 1 << 28  # bytes that decoding it may take, told by its header before they are taken
BUDGET_MS = 500  # of one search

app = FastAPI(title="fastqr")
scanner = fastqr.Scanner(budget_ms=BUDGET_MS, max_bytes=MAX_DECODED)
scanner.decode(fastqr.demo_scene())  # networks are loaded before the first request


@app.post("/read")
async def read(request: Request) -> dict[str, Any]:
    """Read the picture that is the request's body, in any format that OpenCV decodes."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_UPLOAD:
            raise HTTPException(413, f"the picture has more than {MAX_UPLOAD} bytes")
    try:
        symbols = await run_in_threadpool(scanner.decode, bytes(body))
    except fastqr.InvalidImageError as error:
        raise HTTPException(422, str(error)) from error
    return {"symbols": [symbol.to_dict() for symbol in symbols]}


@app.get("/health")
def health() -> dict[str, Any]:
    """Say what is installed."""
    return fastqr.build_info()
