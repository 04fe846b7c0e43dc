"""Cells: how wide text is on a terminal, and text cut or filled to a width."""

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"


def width_of(text: str) -> int:
    """Cells that the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, align: str = "<") -> str:
    """The text in exactly `width` cells; what does not fit ends in an ellipsis."""
    if width <= 0:
        return ""
    size = width_of(text)
    if size == width:
        return text
    if size < width:
        blanks = " " * (width - size)
        return blanks + text if align == ">" else text + blanks
    return crop(text, width - 1) + ELLIPSIS


def crop(text: str, width: int) -> str:
    """The first `width` cells; half of a wide character becomes a blank."""
    return text[:width] if text.isascii() else set_cell_size(text, width)


def pieces(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` cells, for wrapping; at least one piece."""
    width = max(width, 1)
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)] or [""]
    out, piece, size = [], "", 0
    for char in text:
        cells = cell_len(char)
        if size + cells > width:
            out.append(piece)
            piece, size = "", 0
        piece += char
        size += cells
    return [*out, piece] if piece or not out else out
