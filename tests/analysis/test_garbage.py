"""The collector is off only as long as a computation runs."""

import gc

import pytest

from analysis.garbage import uncollected


def test_it_is_on_again_afterwards_even_after_an_error():
    with pytest.raises(ZeroDivisionError):
        divide_by_nothing()
    assert gc.isenabled()


@uncollected()
def divide_by_nothing():
    assert not gc.isenabled()
    return 1 / 0


def test_whoever_found_it_off_leaves_it_off():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
