"""`python -m tests.analysis.public_repositories OTEL SALEOR FOLDER`: the figures of two public repositories, made again.

OTEL and SALEOR are clones of https://github.com/open-telemetry/opentelemetry-demo at 054282e3 and of
https://github.com/saleor/saleor at 723cd4eb; FOLDER holds otel-systems.csv and saleor-systems.csv (system, path).
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from analysis.cost_of_change import CostOfChange
from analysis.coupling import Coupling
from analysis.survey import take_survey
from models.errors import Invalid
from services.imports.manifests import read_manifests

SINCE = "2024-08-22T00:00:00Z"
COMPOSE = [":(glob)compose*.yaml"]
IMPORT = re.compile(r"^[ \t]*from (\.*)([\w.]*) import (\([^)]*\)|[^\n]*)", re.M)


def systems(file: Path) -> dict[str, list[str]]:
    """Return the paths of each system."""
    paths: dict[str, list[str]] = {}
    for row in csv.DictReader(file.read_text().splitlines()):
        paths.setdefault(row["system"], []).append(row["path"])
    return paths


def files_in(clone: Path, *under: str) -> dict[str, str]:
    """Return the text of each file under these paths at the clone's HEAD."""
    packed = subprocess.run(["git", "-C", clone, "archive", "HEAD", *under], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        return {name: file.read().decode(errors="replace") for name, file in files if file}


def compose_edges(clone: Path) -> set[tuple[str, str]]:
    """Return what each service of the compose files waits for."""
    edges = set()
    for name, text in files_in(clone, *COMPOSE).items():
        with suppress(Invalid):  # a file that declares none
            edges |= {(edge.source, edge.target) for edge in read_manifests(text, name)}
    return edges


def import_edges(clone: Path, paths: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Return which system's Python imports which other one's; tests and migrations are left out."""

    def system_of(name: str) -> str | None:
        fits = [
            (len(path), system) for system, every in paths.items() for path in every if name.startswith(path)
        ]
        return max(fits)[1] if fits else None

    edges = set()
    for name, text in files_in(clone, "saleor").items():
        source = system_of(name)
        if source and name.endswith(".py") and "/tests/" not in name and "/migrations/" not in name:
            for module in imported(text, name):
                target = system_of(module.replace(".", "/") + "/")
                if target and target != source:
                    edges.add((source, target))
    return edges


def imported(source: str, name: str) -> Iterator[str]:
    """Yield the modules that a file imports, by their whole names.

    By pattern: the files are written in a newer Python than this one.
    """
    package = name.split("/")[:-1]
    for dots, module, names in IMPORT.findall(source):
        base = package[: len(package) - len(dots) + 1] if dots else []
        for each in re.findall(r"\w+", names):
            yield ".".join([*base, *filter(None, [module]), each])


def report(name: str, clone: Path, paths: dict[str, list[str]], edges: set[tuple[str, str]]) -> None:
    """Print what a survey of the clone says, and how far a change reaches."""
    taken = take_survey(clone, paths, taken_on="2026-11-30", repository=name, since=SINCE)
    costs = CostOfChange(taken)
    measured = sum(cost.state == "measured" for cost in costs.systems)
    print(f"{name}: read {taken['read']} = counted {taken['counted']} + {taken['left_out']}")
    print(f"  {measured} of {len(paths)} systems with 10 changes; costliest {', '.join(costs.costliest)}")
    for pair in costs.pairs_together()[:4]:
        print(f"  {pair.a} + {pair.b}: {pair.share:.1f} % of {pair.shared} shared")
    names = {end for edge in edges for end in edge}
    reach = Coupling(names, edges).propagation()
    loop = f"{len(reach.largest_loop)} in the largest loop" if reach.largest_loop else "no loop"
    print(f"  {len(names)} parts, {len(edges)} dependencies: propagation cost {reach.cost:.1f} %, {loop}")


def main(otel: Path, saleor: Path, folder: Path) -> None:
    report("otel", otel, systems(folder / "otel-systems.csv"), compose_edges(otel))
    paths = systems(folder / "saleor-systems.csv")
    report("saleor", saleor, paths, import_edges(saleor, paths))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
