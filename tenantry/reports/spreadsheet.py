"""Text from a declaration in CSV: it stays text, also in the spreadsheet program that opens the file."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = frozenset("=+-@−")
"""How a formula begins: OWASP's characters, and the minus sign U+2212, which some programs read as a hyphen."""
_BREAKS: Final = frozenset("\t\r\n\0")
"""What OWASP lists beside them: a cell that begins with one may be taken apart before it is looked at."""


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV (RFC 4180, with line feeds): every cell in double quotes and safe against formulas."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()


def safe_cell(text: str) -> str:
    """A cell's text that no spreadsheet program evaluates.

    OWASP calls it *CSV Injection* (Formula Injection; ASVS 5.0 requirement 1.2.10, CWE-1236): a cell that begins with
    ``=``, ``+``, ``-``, ``@``, a tab, a line break or a null, or with the full-width form of one of the signs, may be
    a formula to Excel, LibreOffice or Google Sheets, and a formula can run programs and send the sheet away. As OWASP
    advises, such text gets a single quote in front, which these programs take as "text follows", and every cell stands
    in double quotes with double quotes doubled, so that no name can end its cell and begin another one.

    We look past leading white space and characters that show nothing (some programs trim them before they look), and
    compare characters by their compatibility form (NFKC), which folds the full-width, small and superscript signs.
    The price is that such a text comes back with the quote: who wants the data takes ``--format json``.
    """
    seen = text.lstrip("".join({character for character in text if _shows_nothing(character)}))
    begins = unicodedata.normalize("NFKC", seen[:1])[:1]
    return f"'{text}" if text[:1] in _BREAKS or begins in _FORMULA else text


def _shows_nothing(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp")
