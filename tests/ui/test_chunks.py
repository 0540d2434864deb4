"""The scripts of Streamlit that a page will need are named in the answer that its HTML comes with."""

import pytest

from ui.chunks import INDEX, OF_PAGE, OF_RECORD, ON_EVERY_PAGE, SCRIPTS, chunks, links

NAMES = sorted(
    {*ON_EVERY_PAGE, *(name for names in [*OF_PAGE.values(), *OF_RECORD.values()] for name in names)}
)


@pytest.mark.parametrize("name", NAMES)
def test_streamlit_has_a_chunk_of_that_name_that_its_page_does_not_load_itself(name):
    (first, *_) = chunks([name])
    assert first.startswith(f"{name}.")
    assert first not in INDEX.read_text()


def test_what_a_chunk_imports_comes_with_it_each_once():
    names = chunks(["ArrowVegaLiteChart", "Html"])
    assert len(names) == len(set(names))
    assert any(name.startswith("embed.") for name in names)
    assert all((SCRIPTS / name).is_file() for name in names)


def test_only_an_address_with_a_metric_asks_for_the_drawing_library():
    assert "ArrowVegaLiteChart" in links("/metrics", "engagement=acme&metric=time")
    assert "ArrowVegaLiteChart" not in links("/metrics", "engagement=acme")
