"""The foot of a printed worksheet is read back as the text that was written, whatever that holds."""

import io
import warnings

import openpyxl
import pytest
import xlsxwriter

from reports.exports.page_footer import MAX_FOOTER, page_footer


@pytest.mark.parametrize(
    "text",
    [
        "Snapshot 1f, frozen by Mei",
        "Ruiz & Daughters",
        "7 engagements",
        "&" * 400,
        "x" * 213 + "&" * 9,
        "<b>",
        "日本 & 東京",
    ],
)
def test_a_footer_is_read_back(text):
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    book.add_worksheet().set_footer(page_footer(text))
    book.close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        footer = openpyxl.load_workbook(made).active.oddFooter
    assert len(page_footer(text)) <= MAX_FOOTER
    left = footer.left.text.strip().replace("&&", "&")
    assert left == text[: len(left)]
    assert len(left) >= min(len(text), 100)
    assert (footer.left.size, footer.right.size, footer.right.text) == (8, 8, "&P of &N")
