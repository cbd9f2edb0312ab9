"""A figure that a notebook shows by itself, whether or not pyplot was used before."""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure


class Shown(Figure):
    """A figure of matplotlib that is no figure of pyplot; imported only where matplotlib is there."""

    def _repr_png_(self) -> bytes:
        image = BytesIO()
        self.savefig(image, format="png")
        return image.getvalue()
