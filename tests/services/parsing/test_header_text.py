import pytest

from services.parsing.header_text import header_keys, header_text, is_called, is_web_page


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        ("Reviewed On", ("reviewed_on",)),
        ("reviewed-on", ("reviewed_on",)),
        ("reviewed\non", ("reviewed_on", "reviewedon")),
        ("criti\ncality", ("criti_cality", "criticality")),
        ("criti-\r\ncality", ("criti_cality", "criticality")),
        ("\ufeffname\u200b ", ("name",)),
        ("", ("",)),
    ],
)
def test_what_a_columns_name_may_stand_for(header, keys):
    assert header_keys(header) == keys


def test_a_line_break_is_a_space():
    assert header_text("criti\ncality") == "criti cality"


def test_sheets_are_found_as_the_page_calls_them():
    assert all(
        is_called(title, "pain_points")
        for title in ("Pain points", "pain-points", " PAIN_POINTS ", "Pain\u00a0Points")
    )
    assert not is_called("Old list", "pain_points")


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b"\xef\xbb\xbf<html xmlns:x='a'>",
        b"  <!DOCTYPE html>",
        b"<!-- saved -->\n<table>",
        "<table>".encode("utf-16"),
        b"<?xml version='1.0'?>",
    ],
)
def test_web_pages_are_told_behind_any_byte_order_mark(data):
    assert is_web_page(data)


@pytest.mark.parametrize("data", [b"name,owner\n", b"", b"\xef\xbb\xbfname", b"<5,6\n", b"a<html>"])
def test_other_texts_are_none(data):
    assert not is_web_page(data)
