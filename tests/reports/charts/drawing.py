"""What a chart draws, read from its specification."""

from dataclasses import dataclass

import altair as alt


@dataclass(frozen=True)
class Layer:
    """One layer: its mark's type and properties, its encoding and the rows it draws."""

    mark: str
    look: dict
    encoding: dict
    rows: list[dict]

    def values(self, field: str) -> list:
        return [row[field] for row in self.rows]


def layers(chart: alt.TopLevelMixin) -> list[Layer]:
    spec = chart.to_dict()
    layers = spec.get("layer", [spec])
    return [
        Layer(
            layer["mark"]["type"],
            layer["mark"],
            layer["encoding"],
            spec["datasets"][layer.get("data", spec.get("data"))["name"]],
        )
        for layer in layers
    ]


def marks(chart: alt.TopLevelMixin, kind: str) -> list[Layer]:
    """The layers of one kind of mark that draw anything."""
    return [layer for layer in layers(chart) if layer.mark == kind and layer.rows]


def texts(chart: alt.TopLevelMixin) -> list[str]:
    """Every text that the chart draws whatever its width, apart from its axes."""
    text_layers = [layer for layer in marks(chart, "text") if "text" in layer.encoding]
    return [row[layer.encoding["text"]["field"]] for layer in text_layers for row in layer.rows]


def parts_named(spec, *names: str):
    """Every value in a specification whose key is one of `names`, wherever it stands."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key == "datasets":
                continue
            if key in names:
                yield value
            yield from parts_named(value, *names)
    elif isinstance(spec, list):
        for value in spec:
            yield from parts_named(value, *names)
