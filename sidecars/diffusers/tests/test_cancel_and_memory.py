"""What ends a job early, and that nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from conftest import Sidecar
from diffusers import AutoencoderKL

LORAS = [{"name": "tiny-sd15-one"}]


def test_a_cancelled_job_says_so_and_the_next_one_is_the_same_to_the_bit(sidecar: Sidecar) -> None:
    before, with_lora = sidecar.picture(seed=3), sidecar.picture(seed=3, loras=LORAS)
    for loras in ([], LORAS):
        job = sidecar.submit(steps=150, loras=loras)
        assert sidecar.http.delete(f"/v1/jobs/{job}").json() == {"id": job, "state": "running"}
        end = sidecar.events(job)[-1]
        assert (end["type"], end["class"], end["retryable"]) == ("failed", "cancelled", False)
        assert sidecar.picture(seed=3) == before
        assert sidecar.picture(seed=3, loras=LORAS) == with_lora


def test_a_job_stops_within_the_step_in_which_it_is_cancelled(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = sidecar.app.state.jobs
    decode = AutoencoderKL.decode
    decoded: list[bool] = []
    monkeypatch.setattr(AutoencoderKL, "decode", lambda *args, **kwargs: decoded.append(True) or decode(*args, **kwargs))
    with after_step(monkeypatch, 3, lambda: jobs.running.cancelled.set()):
        events = sidecar.run(steps=20)
    assert [event["step"] for event in events if event["type"] == "progress"] == [1, 2]
    assert events[-1]["class"] == "cancelled"
    assert decoded == []


def test_cancelling_again_or_after_the_end_changes_nothing(sidecar: Sidecar) -> None:
    job = sidecar.submit()
    assert sidecar.events(job)[-1]["type"] == "done"
    for _ in range(2):
        assert sidecar.http.delete(f"/v1/jobs/{job}").json() == {"id": job, "state": "done"}
    assert sidecar.http.delete("/v1/jobs/nobody").status_code == 404


@contextmanager
def after_step(monkeypatch: pytest.MonkeyPatch, step: int, act: object) -> Iterator[None]:
    """Calls `act` inside the U-Net's `step`-th run."""
    from diffusers import UNet2DConditionModel

    forward = UNet2DConditionModel.forward
    count = 0

    def patched(*args: object, **kwargs: object) -> object:
        nonlocal count
        count += 1
        if count == step:
            act()  # type: ignore[operator]
        return forward(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(UNet2DConditionModel, "forward", patched)
        yield


def allocate_a_pebibyte() -> None:
    torch.empty(2**50, dtype=torch.uint8)


def fail_like_a_card() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.mark.parametrize("act", [allocate_a_pebibyte, fail_like_a_card])
def test_running_out_of_memory_is_told_apart_and_frees_the_model(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    before = sidecar.picture(seed=5)
    with after_step(monkeypatch, 2, act):
        assert sidecar.failure() == ("oom", True, "The device ran out of memory.")
    assert sidecar.http.get("/v1/capabilities").json()["loaded"] is None
    assert sidecar.picture(seed=5) == before


def test_an_unforeseen_failure_tells_the_client_nothing_and_the_log_only_where(
    sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message = "cannot draw 'a secret prompt' with /srv/models"

    def fail() -> None:
        raise ValueError(message)

    with after_step(monkeypatch, 1, fail):
        said = sidecar.failure(prompt="a secret prompt")
    assert said == ("internal", True, "The job failed for a reason that was not foreseen.")
    assert "ValueError at" in caplog.text and "generate.py" in caplog.text
    assert "secret" not in caplog.text
