"""Jobs and what happened to them, in memory; their outputs on disk. Written by the job's thread, followed by any number of clients."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import RETRYABLE, JobError

ENDS = ("done", "failed")


@dataclass(frozen=True)
class Event:
    id: int
    type: str
    data: dict[str, Any]

    def encode(self) -> str:
        """As server-sent events write it."""
        return f"id: {self.id}\nevent: {self.type}\ndata: {json.dumps(self.data, separators=(',', ':'))}\n\n"


@dataclass(frozen=True)
class Output:
    file: Path
    media_type: str
    sha256: str


@dataclass
class Job:
    id: str
    digest: str
    """SHA-256 of the body: a second POST with the same id must ask for the same."""
    folder: Path
    cancelled: threading.Event = field(default_factory=threading.Event)
    events: list[Event] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    followers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=set)
    last_id: int = 0

    @property
    def state(self) -> str:
        return self.events[-1].type if self.ended else "running"

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1].type in ENDS

    def emit(self, event_type: str, data: dict[str, Any]) -> None:
        """Keeps the event for later followers; of previews only the last, since they are large and soon out of date."""
        with self.lock:
            self.last_id += 1
            if event_type == "preview":
                self.events = [event for event in self.events if event.type != "preview"]
            self.events.append(Event(self.last_id, event_type, data))
            followers = list(self.followers)
        for loop, changed in followers:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

    def fail(self, error: JobError) -> None:
        retryable = error.error_class in RETRYABLE
        self.emit("failed", {"class": error.error_class, "retryable": retryable, "message": error.message})

    def add_output(self, role: str, content: bytes, media_type: str, name: str) -> None:
        """Durable before it is told. `name` ends like the file it is."""
        number = len(self.outputs)
        file = self.folder / str(number)
        self.folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        self.outputs.append(Output(file, media_type, sha256))
        said = {"n": number, "role": role, "name": name, "mediaType": media_type, "bytes": len(content), "sha256": sha256}
        self.emit("output", said)

    def check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise JobError("cancelled", "The job was cancelled.")

    async def follow(self, after: int, ping_s: float) -> AsyncIterator[Event | None]:
        """Events with an id above `after`, to the end. None: nothing happened for `ping_s` seconds."""
        changed = asyncio.Event()
        follower = (asyncio.get_running_loop(), changed)
        with self.lock:
            self.followers.add(follower)
        try:
            while True:
                changed.clear()
                with self.lock:
                    fresh = [event for event in self.events if event.id > after]
                for event in fresh:
                    after = event.id
                    yield event
                    if event.type in ENDS:
                        return
                if not fresh and self.ended:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), ping_s)
                except TimeoutError:
                    yield None
        finally:
            with self.lock:
                self.followers.discard(follower)


class Busy(Exception):
    """The device works on another job."""


class Conflict(Exception):
    """The id was used for another request."""


class Jobs:
    """The jobs this process knows. Only the event loop calls it, so no two calls overlap."""

    def __init__(self, folder: Path, kept: int) -> None:
        self.folder = folder
        self.kept = kept
        self.by_id: dict[str, Job] = {}
        shutil.rmtree(folder, ignore_errors=True)

    @property
    def running(self) -> Job | None:
        return next((job for job in self.by_id.values() if not job.ended), None)

    def submit(self, job_id: str, digest: str) -> tuple[Job, bool]:
        """The job and whether it is new. Raises Busy or Conflict."""
        known = self.by_id.get(job_id)
        if known:
            if known.digest != digest:
                raise Conflict
            return known, False
        if self.running:
            raise Busy
        job = Job(job_id, digest, self.folder / job_id)
        self.by_id[job.id] = job
        self.forget_old()
        return job, True

    def forget_old(self) -> None:
        while len(self.by_id) > self.kept:
            oldest = next(iter(self.by_id.values()))
            if not oldest.ended:
                return
            del self.by_id[oldest.id]
            shutil.rmtree(oldest.folder, ignore_errors=True)
