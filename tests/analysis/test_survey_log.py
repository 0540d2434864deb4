"""The log that a survey is made of: read bit by bit, whatever is in it, and summed up."""

import io

from hypothesis import given
from hypothesis import strategies as st

from analysis import survey as surveying
from analysis.survey import SystemPaths, Tally
from analysis.survey_file import check


class Slow(io.BytesIO):
    """Gives a few bytes at a time, and tells how many it gave."""

    given = 0

    def read(self, size=-1):
        piece = super().read(min(size, 7))
        self.given += len(piece)
        return piece


def log_of(*commits: tuple) -> bytes:
    written = b""
    for number, (author, email, files) in enumerate(commits):
        written += b"\x01" + f"{number:040x}\0{author}\0{email}\0".encode() + b"1700000000\0"
        written += b"\n" + b"\0".join(name.encode() for name in files) + b"\0\0" if files else b""
    return written


texts = st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), max_size=8)


@given(
    st.lists(
        st.tuples(texts, texts, st.lists(texts.filter(lambda name: name and name[0] != "\n"), max_size=4))
    )
)
def test_any_author_and_file_name_survives_the_log(commits):
    parsed_commits = list(surveying.parse(Slow(log_of(*commits))))
    assert [(commit.author, commit.email, commit.files) for commit in parsed_commits] == commits


def test_commits_come_before_the_log_has_ended():
    log = Slow(log_of(*[("a", "b", ["c"])] * 100))
    next(surveying.parse(log))
    assert log.given < 300


files = st.lists(
    st.sampled_from(["a/x", "a/y", "b/x", "c/x", "c/go.mod", "b/x.lock", "elsewhere"]), max_size=6
)
authors = st.sampled_from(["Ada", "renovate[bot]", "Renovate Bot"])


@given(st.lists(st.tuples(authors, files, st.integers(0, 2 * 10**9))))
def test_sums_add_up_whatever_the_history(history):
    tally = Tally(SystemPaths({"A": ["a"], "B": ["b"], "C": ["c"]}))
    for number, (author, touched, at) in enumerate(history):
        tally.add(surveying.Commit(f"{number:040x}", author, "", at, touched))
    counted = tally.as_dict()
    window = {"since": "2024-01-01T00:00:00Z", "until": "2024-02-01T00:00:00Z"}
    named = {
        "format": surveying.FORMAT,
        "rules": 1,
        "repository": "x",
        "head": "0" * 40,
        "head_on": "2024-02-01",
    }
    check(named | window | {"taken_on": "2024-02-01"} | counted)
    assert counted["read"] == len(history)
    assert sum(s["alone"] for s in counted["systems"]) == sum(m["alone"] for m in counted["months"].values())
