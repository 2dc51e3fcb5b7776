"""Why a job failed, in the five classes that clients act on."""

from __future__ import annotations

from typing import Literal

import torch

ErrorClass = Literal["oom", "invalid", "missing_model", "cancelled", "internal"]
RETRYABLE: frozenset[ErrorClass] = frozenset({"oom", "internal"})


class JobError(Exception):
    """The only error whose message reaches a client: no path, prompt or traceback in it."""

    def __init__(self, error_class: ErrorClass, message: str) -> None:
        super().__init__(message)
        self.error_class: ErrorClass = error_class
        self.message = message


def is_out_of_memory(error: BaseException) -> bool:
    """On a card torch has an error of its own; on the processor it is a RuntimeError that names the allocator."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)


def to_job_error(error: BaseException) -> JobError:
    if isinstance(error, JobError):
        return error
    if is_out_of_memory(error):
        return JobError("oom", "The device ran out of memory.")
    return JobError("internal", "The job failed for a reason that was not foreseen.")
