"""Plan templates: YAML files that a firm can edit. The guide's own is docs/templates/30-60-90.yaml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.criteria import CRITERIA
from models.errors import Invalid
from models.names import clean_name
from models.plan import CYCLE_DAYS
from models.settings import settings

DEFAULT = "30-60-90"
# Where PyYAML brings libyaml, it reads a template ten times as fast.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BUILT_IN = Path(__file__).resolve().parents[2] / "docs" / "templates"


_Name = Annotated[str, AfterValidator(clean_name)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MilestoneTemplate(_Strict):
    key: str = Field(pattern=r"^[a-z0-9_]+$")
    name: _Name = Field(min_length=1, max_length=300)
    criterion: str
    needed: int = Field(default=1, ge=1, le=1000)
    start_day: int = Field(ge=1, le=CYCLE_DAYS)
    due_day: int = Field(ge=1, le=CYCLE_DAYS)
    every_cycle: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> MilestoneTemplate:
        if self.criterion not in CRITERIA:
            raise ValueError(f"there is no criterion {self.criterion}; there are {', '.join(CRITERIA)}")
        if self.start_day > self.due_day:
            raise ValueError(f"{self.key} starts on day {self.start_day}, after it is due")
        return self


class PhaseTemplate(_Strict):
    name: _Name = Field(min_length=1)
    from_day: int = Field(ge=1, le=CYCLE_DAYS)
    to_day: int = Field(ge=1, le=CYCLE_DAYS)
    milestones: list[MilestoneTemplate]

    @model_validator(mode="after")
    def _has_days(self) -> PhaseTemplate:
        if self.from_day > self.to_day:
            raise ValueError(f"the phase {self.name} ends before it begins")
        return self


class PlanTemplate(_Strict):
    """A plan's phases and milestones, in days of the cycle."""

    key: str
    name: str
    phases: list[PhaseTemplate] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_are_unique(self) -> PlanTemplate:
        keys = [milestone.key for phase in self.phases for milestone in phase.milestones]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"the key {twice[0]} is given to two milestones")
        return self


def _folders() -> list[Path]:
    """Return the folders of templates: a firm's own (`HEADWAY_TEMPLATES`) first, then the built-in one."""
    firm = settings().HEADWAY_TEMPLATES
    return [firm, _BUILT_IN] if firm else [_BUILT_IN]


def templates() -> list[str]:
    """Return the keys of the templates that can be chosen, the guide's first."""
    keys = {path.stem for folder in _folders() for path in folder.glob("*.yaml")}
    return [DEFAULT, *sorted(keys - {DEFAULT})]


@lru_cache(maxsize=16)
def _parsed(text: str) -> PlanTemplate:
    return PlanTemplate.model_validate(yaml.load(text, Loader=YAML_LOADER))


def template(name: str) -> PlanTemplate:
    """Return the template of that key, or in that file. Raises Invalid with a sentence that says what is wrong in it."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = next(
            (folder / f"{name}.yaml" for folder in _folders() if (folder / f"{name}.yaml").exists()), path
        )
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise Invalid(
            f"There is no plan template “{name}”. There are: {', '.join(templates())}."
        ) from missing
    except yaml.YAMLError as broken:
        raise Invalid(f"The plan template {path.name} is not valid YAML: {broken}.") from broken
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = " → ".join(str(part) for part in first["loc"])
        raise Invalid(
            f"The plan template {path.name} can't be used: {where or 'the plan'}: {first['msg']}."
        ) from wrong
