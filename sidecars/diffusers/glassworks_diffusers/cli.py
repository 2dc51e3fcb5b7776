"""glassworks-diffusers serve --models <folder>"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from .settings import Limits, Settings

TOKEN_VARIABLE = "GLASSWORKS_DIFFUSERS_TOKEN"


def main(arguments: list[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    settings = to_settings(options)
    if not settings.allow_download:
        # Before any library is imported: none of them may reach for a hub.
        os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    quiet_libraries()
    serve(settings)


def parser() -> argparse.ArgumentParser:
    limits = Limits()
    commands = argparse.ArgumentParser(prog="glassworks-diffusers", description="Serves diffusers pipelines and LoRA training over HTTP.")
    serve_command = commands.add_subparsers(dest="command", required=True).add_parser("serve", help="start the server")
    add = serve_command.add_argument
    add("--models", type=Path, required=True, help="folder with models and ControlNets in diffusers' layout, and LoRAs in loras/")
    add("--data", type=Path, default=Path.home() / ".glassworks" / "diffusers", help="folder for outputs, checkpoints and trained LoRAs (%(default)s)")
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s); others than loopback need a token")
    add("--port", type=int, default=7870, help="0: any free one (%(default)s)")
    add("--token-file", type=Path, help=f"file with the bearer token clients must send; or set {TOKEN_VARIABLE}")
    add("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
    add("--offload", action="store_true", help="keep on the card only the part of a model that computes: less memory, slower")
    add("--allow-download", action="store_true", help="fetch models that are asked for and not there (owner/name); otherwise nothing is ever downloaded")
    add("--max-side-px", type=int, default=limits.max_side_px)
    add("--max-pixels", type=int, default=limits.max_pixels)
    add("--max-steps", type=int, default=limits.max_steps)
    add("--max-training-steps", type=int, default=limits.max_training_steps)
    add("--max-body-bytes", type=int, default=limits.max_body_bytes)
    return commands


def to_settings(options: argparse.Namespace) -> Settings:
    if not options.models.is_dir():
        sys.exit(f"{options.models} is not a folder")
    token = options.token_file.read_text().strip() if options.token_file else os.environ.get(TOKEN_VARIABLE, "").strip()
    names = ("max_side_px", "max_pixels", "max_steps", "max_training_steps", "max_body_bytes")
    settings = Settings(
        models=options.models.resolve(), data=options.data.resolve(), host=options.host, port=options.port, token=token or None,
        allow_download=options.allow_download, device=options.device, offload=options.offload,
        limits=Limits(**{name: getattr(options, name) for name in names}),
    )  # fmt: skip
    if not settings.token and not settings.is_loopback:
        sys.exit(f"Listening on {settings.host} needs a token: --token-file, or {TOKEN_VARIABLE}")
    return settings


def quiet_libraries() -> None:
    """Warnings of these libraries may quote a prompt, for instance the part that was too long."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.environ["DIFFUSERS_VERBOSITY"] = os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    os.environ["TRANSFORMERS_NO_ADVISORY_WARNINGS"] = "1"
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def serve(settings: Settings) -> None:
    import socket

    import uvicorn

    from .api import create_app

    try:
        app = create_app(settings)
    except ValueError as error:
        sys.exit(str(error))
    with socket.create_server((settings.host, settings.port), family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as listener:
        print(f"listening on http://{settings.host}:{listener.getsockname()[1]}", flush=True)
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, log_config=None)
        uvicorn.Server(config).run(sockets=[listener])
