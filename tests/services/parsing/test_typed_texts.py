"""An owner, interviewee, source or fallback that is none says so, whatever form it was typed into."""

from services.parsing.typed_texts import placeholders_of_typed


def test_each_field_that_stands_for_nothing_has_its_sentence():
    typed = {
        "Owner": "TBD",
        "Source": "k. A.",
        "Interviewer": "Nan Li",
        "Interviewee": "",
        "Manual fallback": None,
    }
    assert placeholders_of_typed(typed) == [
        "Owner: “TBD” was read as nothing, as it stands for none.",
        "Source: “k. A.” was read as nothing, as it stands for none.",
    ]
