"""All settings of the program: environment variables, each with its default, its bounds and what it does.

`docs/guide/settings.md` has the same table, and a test compares the two.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.brand import read_colours, read_logo
from models.errors import Invalid

DEFAULT_URL = "sqlite:///data/headway.db"
# Of tests, and of a container's own start.
FOREIGN_PREFIXES = ("HEADWAY_TEST", "HEADWAY_IMAGE")


def _database(url: str) -> str:
    """Refuse what is neither an SQLite file nor a Postgres; never repeats the URL, which may hold a password."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise ValueError(
            "it has to be like sqlite:///data/headway.db or postgresql://user:password@host/name"
        )
    return url


def _networks(text: str) -> str:
    for name in text.replace(",", " ").split():
        if name != "*":
            ip_network(name, strict=False)
    return text


def _urls(text: str) -> str:
    for url in text.split():
        if not url.lower().startswith(("http://", "https://")) or url[-3:] == "://":
            raise ValueError(f"“{url}” is no address such as https://headway.example.com")
    return text


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise ValueError("there is no such folder")
    return path


def _colours(text: str) -> str:
    if text:
        read_colours(text)
    return text


def _logo(path: Path | None) -> Path | None:
    if path is not None:
        read_logo(path)
    return path


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Networks = Annotated[str, AfterValidator(_networks)]
Colours = Annotated[str, AfterValidator(_colours)]
Logo = Annotated[Path | None, BeforeValidator(_empty_is_none), AfterValidator(_logo)]
Folder = Annotated[Path | None, BeforeValidator(_empty_is_none), AfterValidator(_folder)]


class Settings(BaseSettings):
    """The settings, read from the environment. A variable that is set to nothing counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", case_sensitive=True)

    DATABASE_URL: Annotated[str, AfterValidator(_database)] = Field(
        DEFAULT_URL, description="the database: an SQLite file, or postgresql://user:password@host/name"
    )
    HEADWAY_HOST: str = Field("127.0.0.1", description="the address that `python app.py` listens at")
    HEADWAY_PORT: int = Field(8501, ge=1, le=65_535, description="its port")
    HEADWAY_URL: Annotated[str, AfterValidator(_urls)] = Field(
        "", description="the addresses that people open, separated by spaces, the first for links"
    )
    HEADWAY_BEHIND_PROXY: Literal["", "0", "1"] = Field(
        "", description="1: believe a proxy on this machine (the same as HEADWAY_PROXIES=127.0.0.1)"
    )
    HEADWAY_PROXIES: Networks = Field(
        "",
        description="addresses or networks of proxies whose X-Forwarded headers are believed, such as 10.0.0.0/8",
    )
    HEADWAY_MAX_CONNECTIONS: int = Field(
        4096, ge=16, description="open connections in all; fewer where the system allows fewer open files"
    )
    HEADWAY_MAX_CONNECTIONS_PER_ADDRESS: int = Field(
        1024, ge=8, description="open connections of one address that is no believed proxy"
    )
    HEADWAY_DATABASE_CONNECTIONS: int = Field(
        30, ge=2, le=1000, description="connections of this process to Postgres, at most"
    )
    HEADWAY_MIN_FREE_MB: int = Field(
        100, ge=0, description="megabytes that have to be free beside an embedded database for it to be ready"
    )
    HEADWAY_IDLE_MINUTES: float = Field(30, gt=0, description="minutes after which an unused session ends")
    HEADWAY_SESSION_HOURS: float = Field(12, gt=0, description="hours after which every session ends")
    HEADWAY_TEMPLATES: Folder = Field(None, description="a folder with a firm's own plan templates")
    HEADWAY_LOGO: Logo = Field(
        None, description="a firm's logo on PDF and slides, a PNG or JPEG file of 100 KB at most"
    )
    HEADWAY_COLOURS: Colours = Field(
        "", description="two colours of a firm for PDF and slides, such as #1D4F91 #C77700"
    )
    HEADWAY_PULL_TOKEN: SecretStr | None = Field(
        None, description="the bearer token that is sent to a Prometheus from which metrics are pulled"
    )
    HEADWAY_METRICS_TOKEN: SecretStr | None = Field(
        None,
        min_length=16,
        description="the bearer token that /metrics asks for; without it there is no /metrics",
    )
    HEADWAY_RELAY: Literal["0", "1"] = Field(
        "1", description="0: this process sends no events and no mail, as `manage.py relay` does"
    )
    HEADWAY_ALLOW_PRIVATE_ENDPOINTS: Literal["0", "1"] = Field(
        "0", description="1: webhooks may go to private addresses and over plain http"
    )
    HEADWAY_SMTP: str = Field("", description="the mail server as host:port; without it there is no mail")
    HEADWAY_SMTP_USER: str = Field("", description="who sends mail, if the server asks")
    HEADWAY_SMTP_PASSWORD: SecretStr = Field(SecretStr(""), description="the password of that user")
    HEADWAY_MAIL_FROM: str = Field("", description="the sender, such as Headway <headway@example.com>")
    HEADWAY_OIDC_ISSUER: Annotated[str, AfterValidator(_urls)] = Field(
        "", description="the firm's identity provider (OpenID Connect), such as https://login.example.com"
    )
    HEADWAY_OIDC_CLIENT_ID: str = Field("", description="the program's name there")
    HEADWAY_OIDC_CLIENT_SECRET: SecretStr = Field(SecretStr(""), description="its secret there")
    OTEL_EXPORTER_OTLP_ENDPOINT: Annotated[str, AfterValidator(_urls)] = Field(
        "", description="where traces are sent by OTLP over HTTP, such as http://collector:4318"
    )
    HEADWAY_LOG: Literal["text", "json"] = Field("text", description="how the log is written: text or json")
    HEADWAY_LOG_LEVEL: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="the least level that is logged"
    )

    def proxies(self) -> list[str]:
        """Return the addresses and networks of the proxies that are believed."""
        named = self.HEADWAY_PROXIES.replace(",", " ").split()
        return named or (["127.0.0.1", "::1"] if self.HEADWAY_BEHIND_PROXY == "1" else [])


def settings() -> Settings:
    """Return the settings as the environment has them now. Raises Invalid with a sentence for each wrong one."""
    return _read(tuple(os.environ.get(name) for name in Settings.model_fields))


@lru_cache(maxsize=8)
def _read(_values: tuple[str | None, ...]) -> Settings:
    try:
        return Settings()
    except ValidationError as wrong:
        raise Invalid(
            " ".join(
                f"The setting {row['loc'][0]} is wrong: {_reason(row['msg'])}." for row in wrong.errors()
            )
        ) from None


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


def unknown_settings() -> list[str]:
    """Return a sentence for each variable of the environment that looks like a setting and is none."""
    sentences = []
    for name in sorted(os.environ):
        if (
            name.startswith("HEADWAY_")
            and not name.startswith(FOREIGN_PREFIXES)
            and name not in Settings.model_fields
        ):
            close = get_close_matches(name, Settings.model_fields, 1)
            sentences.append(f"{name} is no setting." + (f" Did you mean {close[0]}?" if close else ""))
    return sentences
