"""What an address asks a page to do is asked once, and the rest of the address stays."""

import json

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from ui import navigation

    st.json(navigation.take_act("kind"))


def test_an_act_and_its_details_are_taken_out_and_every_other_choice_stays():
    test = AppTest.from_function(page)
    test.query_params.update(
        {"do": "declare", "kind": "ci", "health": ["off track", "at risk"], "on": "2026-11-20"}
    )
    test.run()
    assert json.loads(test.json[0].value) == {"do": "declare", "kind": "ci"}
    assert dict(test.query_params) == {"health": ["off track", "at risk"], "on": "2026-11-20"}


def test_without_an_act_its_details_stay_as_well():
    test = AppTest.from_function(page)
    test.query_params["kind"] = "ci"
    test.run()
    assert json.loads(test.json[0].value) == {}
    assert dict(test.query_params) == {"kind": "ci"}
