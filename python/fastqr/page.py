"""A page on this machine, with the extra ``demo``: drop a picture, see what was read, and why the rest was not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .annotate import draw
from .demo import demo_scene
from .errors import FastQRError, MissingLibraryError
from .options import Effort
from .pictures import Picture, load_picture
from .printable import escaped
from .scanner import Scanner
from .settings import EFFORTS

__all__ = ["explained", "page", "serve"]

HEADER = ["text", "kind", "version", "level", "confidence", "centre", "warnings"]

Explained = tuple[npt.NDArray[np.uint8], list[list[str]], list[tuple[npt.NDArray[np.uint8], str]], str]


def page() -> Any:
    """Return the page as Gradio's ``Blocks``.

    Raises
    ------
    MissingLibraryError
        Gradio is not installed.
    """
    try:
        import gradio as gr
    except ImportError as error:
        raise MissingLibraryError("the page needs Gradio: pip install 'fastqr[demo]'", name="gradio") from error

    scanners = {effort: Scanner(effort=effort) for effort in EFFORTS}

    def read(path: str | None, effort: Effort) -> list[Any]:
        if path is None:
            return [None, [], [], ""]
        try:
            seen, codes, drawings, steps = explained(scanners[effort], load_picture(path))
        except FastQRError as error:
            raise gr.Error(str(error)) from error
        return [seen, codes, gr.Gallery(drawings, selected_index=0), steps]

    with gr.Blocks(title="fastqr", analytics_enabled=False) as blocks:
        gr.Markdown(
            "# fastqr\nDrop a picture: what was read, and what became of the rest. Nothing leaves this machine."
        )
        with gr.Row():
            with gr.Column():
                picture = gr.Image(label="Picture", type="filepath", sources=["upload", "webcam", "clipboard"])
                effort = gr.Radio(EFFORTS, value="balanced", label="Effort")
                scene = gr.Button("Show a scene of five codes")
            with gr.Column():
                seen = gr.Image(label="What was read", type="numpy", interactive=False)
        codes = gr.Dataframe(headers=HEADER, label="Codes", datatype="str", interactive=False, wrap=True)
        drawn = gr.Gallery(
            label="What became of each code, lost ones first",
            height=720,
            object_fit="contain",
            format="png",
        )
        steps = gr.Textbox(label="Every step of the search", lines=8, interactive=False)
        outputs = [seen, codes, drawn, steps]
        picture.change(read, [picture, effort], outputs)
        effort.change(read, [picture, effort], outputs)
        scene.click(lambda: demo_scene()[:, :, ::-1], None, picture)
    return blocks


def serve(port: int | None = None, *, browse: bool = True) -> None:
    """Serve the page to this machine alone, until Ctrl-C.

    Parameters
    ----------
    port : int, optional
        The first free one from 7860 on where it is not given.
    browse : bool, default True
        Whether a browser is opened.
    """
    page().launch(server_name="127.0.0.1", server_port=port, inbrowser=browse, share=False, footer_links=[])


def explained(scanner: Scanner, picture: Picture) -> Explained:
    """Return what the page shows of a picture: it annotated, its codes, a drawing of each with words, and the steps.

    Parameters
    ----------
    scanner : Scanner
    picture : ndarray of uint8

    Returns
    -------
    annotated : ndarray of uint8, RGB
    codes : list of list of str
        One row a code; whatever does not print is escaped.
    drawings : list of (ndarray of uint8, RGB, str)
        Codes that were lost come first.
    steps : str
    """
    symbols = scanner.decode(picture)
    trace = scanner.explain(picture)
    rows = []
    for symbol in symbols:
        x, y = symbol.centre or (0, 0)
        values = (symbol.version, symbol.ec_level, f"{symbol.confidence:.2f}", f"{x:.0f}, {y:.0f}")
        content = symbol.content
        kind = content.to_dict()["kind"]
        rows.append([escaped(symbol.text), *map(str, (kind, *values)), escaped("; ".join(content.warnings))])
    drawn = sorted(trace.draw(picture), key=lambda drawing: not drawing.name.startswith("lost"))
    drawings = [(drawing.picture[:, :, ::-1], "\n".join(drawing.words)) for drawing in drawn]
    boxes = scanner.detect(picture)
    return draw(picture, symbols, boxes)[:, :, ::-1], rows, drawings, str(trace)
