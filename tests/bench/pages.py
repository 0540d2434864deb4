"""How long pages take, against a blank page that is served the same way."""

from tests.bench import Measured, Stage, bench


@bench("blank page settles", limit=1.2)
def blank_page_settles(stage: Stage) -> Measured:
    """against itself, which is chance"""
    return stage.settle_blank()
