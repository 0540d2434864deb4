"""How spans are sent: in batches, by OTLP over HTTP. Needs requirements-traces.txt."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from models.limited_log import LimitedLog
from models.version import VERSION


class LimitedExporter(OTLPSpanExporter):
    """An exporter that says at most once a minute that nobody takes its spans."""

    def __init__(self, endpoint: str, limited_log: LimitedLog) -> None:
        super().__init__(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._limited_log = limited_log

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._limited_log.warning("traces", f"{len(spans)} spans could not be sent.")
        return result


def provider_of(endpoint: str, limited_log: LimitedLog) -> TracerProvider:
    """Return a provider of tracers whose spans are sent to `endpoint`, an address such as http://collector:4318."""
    resource = Resource.create({"service.version": VERSION})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "headway"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(LimitedExporter(endpoint, limited_log)))
    return provider
