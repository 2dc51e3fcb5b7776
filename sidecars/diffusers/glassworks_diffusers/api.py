"""The HTTP protocol. ../README.md describes it for clients."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from . import __version__, given_loras
from .capabilities import describe
from .device import open_device
from .digests import Digests
from .errors import JobError
from .jobs import Busy, Conflict, Job, Jobs
from .pipelines import Models
from .requests import check_limits, parse_job
from .runner import Runner
from .settings import LOOPBACK_HOSTS, Settings

PING_S = 5.0
"""A silent connection says it lives this often, so that clients can tell a long step from a dead one."""
BUSY_RETRY_S = 1
DIGEST = re.compile(r"^[0-9a-f]{64}$")


class Refused(Exception):
    """Answered as {"error": {"class", "message", "fields"?}}."""

    def __init__(self, status: int, error_class: str, message: str, fields: list[dict[str, Any]] | None = None, retry_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": str(retry_s)} if retry_s else {}
        self.body = {"error": {"class": error_class, "message": message, **({"fields": fields} if fields else {})}}


def create_app(settings: Settings) -> FastAPI:
    """Raises ValueError where the machine has no such device, or where anyone on the network could ask."""
    if not settings.token and not settings.is_loopback:
        raise ValueError("A token is needed to listen on an address other than loopback")
    models = Models(open_device(settings.device), settings.offload)
    digests = Digests()
    runner = Runner(settings, models, digests)
    jobs = Jobs(settings.data / "jobs", settings.kept_jobs)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if running := jobs.running:
            running.cancelled.set()
        await run_in_threadpool(runner.close)

    app = FastAPI(title="Glassworks diffusers", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter(prefix="/v1", dependencies=[Depends(guard(settings))])

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"service": "glassworks-diffusers", "status": "ok", "version": __version__}

    @router.get("/capabilities")
    async def capabilities() -> dict[str, Any]:
        running = jobs.running
        return await run_in_threadpool(describe, settings, models, digests, running.id if running else None)

    @router.post("/jobs", status_code=202)
    async def submit(request: Request) -> dict[str, str]:
        body = await read_body(request, settings.limits.max_body_bytes)
        asked = await run_in_threadpool(parse, body, settings)
        try:
            job, is_new = jobs.submit(asked.id, hashlib.sha256(body).hexdigest())
        except Busy:
            raise Refused(429, "busy", "The device works on another job.", retry_s=BUSY_RETRY_S) from None
        except Conflict:
            raise Refused(409, "conflict", "This id was used for another request.") from None
        if is_new:
            runner.start(job, asked)
        return present(job)

    def known(job_id: str) -> Job:
        if job := jobs.by_id.get(job_id):
            return job
        raise Refused(404, "not_found", "No job of that id; this server may have been restarted.")

    @router.get("/jobs/{job_id}/events")
    async def events(job_id: str, last_event_id: Annotated[str | None, Header()] = None) -> StreamingResponse:
        job = known(job_id)
        after = int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0

        async def stream() -> AsyncIterator[str]:
            async for event in job.follow(after, PING_S):
                yield event.encode() if event else ": ping\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    @router.delete("/jobs/{job_id}", status_code=202)
    async def cancel(job_id: str) -> dict[str, str]:
        """Takes effect within the next step; the events tell when."""
        job = known(job_id)
        job.cancelled.set()
        return present(job)

    @router.get("/jobs/{job_id}/outputs/{number}")
    async def output(job_id: str, number: int) -> FileResponse:
        outputs = known(job_id).outputs
        if not 0 <= number < len(outputs):
            raise Refused(404, "not_found", "The job has no such output.")
        made = outputs[number]
        return FileResponse(made.file, media_type=made.media_type, headers={"ETag": f'"{made.sha256}"'})

    @router.get("/loras/{sha256}")
    async def has_lora(sha256: str) -> dict[str, str]:
        if not DIGEST.match(sha256) or not given_loras.path_of(settings, sha256).exists():
            raise Refused(404, "not_found", "No LoRA of that digest was put here.")
        return {"sha256": sha256}

    @router.put("/loras/{sha256}", status_code=201)
    async def put_lora(sha256: str, request: Request) -> dict[str, str]:
        if not DIGEST.match(sha256):
            raise Refused(422, "invalid", "The address ends with a SHA-256, as 64 lower-case hexadecimal digits.")
        body = await read_body(request, settings.limits.max_body_bytes)
        try:
            await run_in_threadpool(given_loras.keep, settings, sha256, body)
        except JobError as error:
            raise Refused(422, error.error_class, error.message) from None
        return {"sha256": sha256}

    @router.post("/unload")
    async def unload() -> dict[str, bool]:
        if jobs.running:
            raise Refused(409, "busy", "The device works on a job.")
        await run_in_threadpool(runner.unload)
        return {"unloaded": True}

    app.state.settings, app.state.jobs = settings, jobs
    app.include_router(router)
    app.add_exception_handler(Refused, lambda _request, error: answer(error))  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, lambda _request, error: answer(of_http(error)))  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, lambda _request, _error: answer(Refused(422, "invalid", "The address is wrong.")))
    return app


def present(job: Job) -> dict[str, str]:
    return {"id": job.id, "state": job.state}


def answer(error: Refused) -> Response:
    return JSONResponse(error.body, error.status, error.headers)


def of_http(error: HTTPException) -> Refused:
    return Refused(error.status_code, "not_found" if error.status_code == 404 else "invalid", str(error.detail))


def guard(settings: Settings) -> Any:
    """Who may ask. Without a token only programs on this machine: a page in a browser gives itself away by its Origin, or by a foreign Host."""

    async def check(request: Request) -> None:
        if settings.token:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), settings.token.encode()):
                raise Refused(401, "unauthenticated", "Send Authorization: Bearer <token>.")
            return
        if "origin" in request.headers or (request.url.hostname or "") not in LOOPBACK_HOSTS:
            raise Refused(403, "forbidden", "Without a token, only programs on this machine may ask.")

    return check


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Stops reading at the limit, whether or not the length was announced."""
    too_large = Refused(413, "invalid", f"The body may have {max_bytes} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)


def parse(body: bytes, settings: Settings) -> Any:
    """Every wrong field by its path; never what it held."""
    try:
        asked = parse_job.validate_json(body)
        check_limits(asked, settings.limits)
        return asked
    except ValidationError as error:
        fields = [{"path": [*each["loc"]], "message": each["msg"]} for each in error.errors(include_url=False, include_input=False, include_context=False)]
        summary = "; ".join(f"{'.'.join(map(str, field['path']))}: {field['message']}" for field in fields[:3])
        raise Refused(422, "invalid", summary, fields) from None
    except JobError as error:
        raise Refused(422, error.error_class, error.message) from None
