"""Setting pages with Typst: the same files give the same bytes on every machine."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cvttf_NotoSansCJK_Regular
import font_source_sans_pro
import pypdf
import typst

HERE = Path(__file__).resolve().parent
FONT = "Source Sans Pro"
# What Source Sans lacks: ideographs, Arabic, Hebrew and emoji.
FALLBACKS = ["Noto Sans CJK TC", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Emoji"]
Standard = Literal["a-3a", "ua-1"]
WITH_FILES: Standard = "a-3a"
WITHOUT_FILES: Standard = "ua-1"
"""The standard of a PDF that embeds files (an archive may keep it), and of one that doesn't."""


def typeset(files: dict[str, bytes], made: datetime, standard: Standard) -> bytes:
    """The PDF of `files`, of which "main" is the template; `made` is the moment that it names as its making."""
    sources: Any = files  # Typst takes a mapping, which its stubs leave out.
    pdf: bytes = typst.compile(
        sources,
        format="pdf",
        font_paths=font_folders(),
        ignore_system_fonts=True,
        pdf_standards=[standard],
        timestamp=int(made.timestamp()),
        sys_inputs={"font": FONT, "fallbacks": ",".join(FALLBACKS)},
    )
    return pdf


@cache
def typesetter() -> str:
    """Return what PDFs made here name as their maker: "Typst 0.15.1", where the package's own version is 0.15.2."""
    page = typeset({"main": b'#set document(title: "-")\n-'}, datetime(2000, 1, 1, tzinfo=UTC), WITHOUT_FILES)
    named: dict[str, Any] = dict(pypdf.PdfReader(io.BytesIO(page)).metadata or {})
    return str(named.get("/Creator", ""))


def font_folders() -> list[str]:
    """Where the fonts are that the program brings; the machine's own would make other bytes."""
    modules = (font_source_sans_pro, cvttf_NotoSansCJK_Regular)
    return [str(HERE / "fonts"), *(str(Path(module.__file__ or "").parent) for module in modules)]
