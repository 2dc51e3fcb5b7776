"""The one thread that runs jobs, one after another: a device does one thing at a time."""

from __future__ import annotations

import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from .digests import Digests
from .errors import JobError, to_job_error
from .generate import draw
from .jobs import Job
from .pipelines import Models
from .requests import Generate, Inpaint, TrainLora
from .settings import Settings
from .training import train_lora

JobRequest = Generate | Inpaint | TrainLora
log = logging.getLogger(__name__)


class Runner:
    def __init__(self, settings: Settings, models: Models, digests: Digests) -> None:
        self.settings = settings
        self.models = models
        self.digests = digests
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="device")

    def start(self, job: Job, request: JobRequest) -> None:
        self.thread.submit(self.run, job, request)

    def run(self, job: Job, request: JobRequest) -> None:
        """Ends every job with `done` or `failed`, whatever happens in it."""
        began = monotonic()
        failure: JobError | None = None
        facts: dict[str, object] = {}
        job.emit("started", {"kind": request.kind, "model": request.model})
        try:
            job.check_cancelled()
            run = train_lora if isinstance(request, TrainLora) else draw
            facts = run(job, request, self.models, self.settings)  # type: ignore[arg-type]
        except BaseException as error:
            failure = to_job_error(error)
            log_failure(job, failure, error)
        seconds = round(monotonic() - began, 3)
        if failure is None:
            log.info("job %s: %s done in %.1f s", job.id, request.kind, seconds)
            if self.models.loaded:
                self.digests.want(self.models.loaded.entry)
            job.emit("done", {"seconds": seconds, "facts": facts})
            return
        if failure.error_class in ("oom", "internal"):
            # What broke a job may have broken the model; and now that the error's frames are gone, their tensors can go too.
            self.models.unload()
        job.fail(failure)

    def unload(self) -> None:
        """Waits for what runs."""
        self.thread.submit(self.models.unload).result()

    def close(self) -> None:
        self.thread.shutdown(wait=True)


def log_failure(job: Job, failure: JobError, error: BaseException) -> None:
    """Where it happened, never what was said: messages of libraries may quote a prompt."""
    log.warning("job %s failed: %s", job.id, failure.error_class)
    if failure.error_class == "internal":
        log.error("%s at\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
