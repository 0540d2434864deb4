import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.same_person import likely_same, may_be_same_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam Okafor", "Okafor, Sam"),
        ("Sam Okafor", "S. Okafor"),
        ("Okafor, Sam", "S Okafor"),
        ("Sam Okafor", "sam  OKAFOR"),
        ("Sam Okafor", "Okafor Sam"),
        ("Sam Okafor", "Samuel Okafor"),
        ("Sam Okafor", "Sam J. Okafor"),
        ("Sam Okafor", "Dr. Sam Okafor"),
        ("Sam Okafor", "Sam Okafor (ext.)"),
        ("Sam Okafor", "sam.okafor@acme.com"),
        ("Sam Okafor", "Sam Okafor <so12@acme.com>"),
        ("Sam.Okafor", "Sam Okafor"),
        ("Jörg Müller", "Joerg Mueller"),
        ("José Núñez", "Jose Nunez"),
        ("Anna-Lena Groß", "Gross, Anna Lena"),
        ("J. van der Berg", "van der Berg, Jan"),
        ("A. B. Cohen", "Cohen, Anna B."),
        ("王伟", "王 伟"),
    ],
)
def test_spellings_of_one_name_may_be_one_person(one, other):
    assert may_be_same_person(one, other)
    assert may_be_same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam Okafor", "Sarah Okafor"),
        ("Sam Okafor", "Sam Okonkwo"),
        ("S. Okafor", "T. Okafor"),
        ("John Smith", "John Smithson"),
        ("Sam", "Sam Okafor"),
        ("Okafor", "Sam Okafor"),
        ("Order desk", "Order archive"),
        ("A. Cohen", "B. A. Levi"),
        ("Interviewee 1", "Interviewee 2"),
        ("Li Ma", "Li Sen"),
        ("", ""),
        ("?", "!"),
    ],
)
def test_other_people_are_not(one, other):
    assert not may_be_same_person(one, other)


def test_each_person_in_more_than_one_spelling_is_a_group():
    names = [
        "Sam Okafor",
        "Dana Whit",
        "Okafor, Sam",
        "S. Okafor",
        "Sarah Okafor",
        "Jörg Müller",
        "Mueller, Joerg",
    ]
    assert set(likely_same(names)) == {
        ("Sam Okafor", "Okafor, Sam", "S. Okafor"),
        ("S. Okafor", "Sarah Okafor"),
        ("Jörg Müller", "Mueller, Joerg"),
    }


def test_a_name_alone_is_no_group():
    assert likely_same(["Sam Okafor", "Sam Okafor", "", "Dana"]) == []


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_question_is_the_same_from_both_sides(one, other):
    assert may_be_same_person(one, other) == may_be_same_person(other, one)


@given(
    st.lists(
        st.sampled_from(["Sam Okafor", "Okafor, Sam", "S. Okafor", "Sarah Okafor", "Dana W.", "Whit, Dana"])
    )
)
def test_every_member_of_a_group_may_be_every_other(names):
    for group in likely_same(names):
        assert all(may_be_same_person(a, b) for a in group for b in group)
