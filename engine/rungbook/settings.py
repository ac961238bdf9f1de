"""This machine's choices, from RUNGBOOK_* in the environment; rules are specs, never settings."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`matrix`: the EscalationMatrix that runs take; `specs`: the folder that specs come from."""

    model_config = SettingsConfigDict(env_prefix="RUNGBOOK_", env_ignore_empty=True, extra="ignore")

    matrix: str = "coding"
    specs: Path | None = None
