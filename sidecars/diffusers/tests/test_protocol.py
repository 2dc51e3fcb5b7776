"""What clients of the HTTP protocol rely on."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import struct
import zlib
from pathlib import Path

import pytest
from conftest import LOCAL, Sidecar, box, encode, open_sidecar, plain
from fastapi.testclient import TestClient
from PIL import Image

from glassworks_diffusers.settings import Limits

JOB = {"kind": "generate", "model": "tiny-sd15", "prompt": "a red apple", "seed": 1, "steps": 3, "widthPx": 64, "heightPx": 64}


def refused(sidecar: Sidecar, **fields: object) -> tuple[int, str]:
    answer = sidecar.http.post("/v1/jobs", json={"id": "refused", **JOB, **fields})
    return answer.status_code, answer.json()["error"]["message"]


def test_what_is_installed_is_listed_by_kind_and_family(sidecar: Sidecar) -> None:
    said = sidecar.http.get("/v1/capabilities").json()
    assert said["device"]["kind"] == "cpu" and said["device"]["memoryTotalBytes"] > said["device"]["memoryFreeBytes"] > 0
    assert said["limits"]["maxSteps"] == 150
    listed = {(each["kind"], each["family"], each["name"]) for each in said["models"]}
    assert ("model", "flux", "owner/tiny-flux") in listed
    assert ("controlnet", "sdxl", "tiny-sdxl-canny") in listed
    assert ("lora", "sd15", "tiny-sd15-one") in listed
    jobs = {each["name"]: each["jobs"] for each in said["models"] if each["kind"] == "model"}
    assert jobs["tiny-sd15-inpaint"] == ["inpaint"] and jobs["tiny-sdxl"] == ["generate", "inpaint", "train_lora"]


def test_the_digest_of_a_model_is_known_once_it_was_used_and_follows_its_files(models: Path) -> None:
    from glassworks_diffusers.digests import digest_of, files_of

    folder = models / "tiny-sd15"
    listing = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n" for name, file in files_of(folder))
    assert "unet/diffusion_pytorch_model.safetensors" in listing
    assert digest_of(folder) == hashlib.sha256(listing.encode()).hexdigest()


def test_a_job_posted_again_runs_once_and_another_under_its_id_is_refused(sidecar: Sidecar) -> None:
    body = {"id": "posted-twice", **JOB}
    for state in ("running", "running"):
        answer = sidecar.http.post("/v1/jobs", json=body)
        assert (answer.status_code, answer.json()["id"]) == (202, "posted-twice")
    events = sidecar.events("posted-twice")
    assert [event["type"] for event in events].count("started") == 1
    assert sidecar.http.post("/v1/jobs", json=body).json() == {"id": "posted-twice", "state": "done"}
    answer = sidecar.http.post("/v1/jobs", json={**body, "seed": 2})
    assert (answer.status_code, answer.json()["error"]["class"]) == (409, "conflict")


def test_while_the_device_is_busy_other_jobs_are_asked_to_come_again(sidecar: Sidecar) -> None:
    job = sidecar.submit(steps=150)
    answer = sidecar.http.post("/v1/jobs", json={"id": "second", **JOB})
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]["class"]) == (429, "1", "busy")
    assert sidecar.http.post("/v1/unload").status_code == 409
    assert sidecar.http.get("/v1/capabilities").json()["running"] == job
    sidecar.http.delete(f"/v1/jobs/{job}")
    sidecar.events(job)
    assert sidecar.http.post("/v1/jobs", json={"id": "second", **JOB}).status_code == 202
    sidecar.events("second")


def test_events_go_on_after_the_last_one_that_was_seen(sidecar: Sidecar) -> None:
    job = sidecar.submit(previewEvery=None)
    events = sidecar.events(job)
    assert [event["type"] for event in events] == ["started", *["progress"] * 4, "output", "done"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    for seen in range(len(events) + 1):
        assert sidecar.events(job, after=seen) == events[seen:]
    assert sidecar.http.get("/v1/jobs/nobody/events").status_code == 404


def test_of_previews_only_the_last_is_kept_for_those_who_come_late(sidecar: Sidecar) -> None:
    job = sidecar.submit()
    first = sidecar.events(job)
    again = sidecar.events(job)
    previews = [event for event in again if event["type"] == "preview"]
    assert len(previews) == 1 and previews[0] in first
    picture = Image.open(io.BytesIO(base64.b64decode(previews[0]["image"])))
    assert (picture.format, picture.size) == ("JPEG", (256, 256))


def test_outputs_have_the_digest_that_was_announced(sidecar: Sidecar) -> None:
    job = sidecar.submit()
    (said,) = [event for event in sidecar.events(job) if event["type"] == "output"]
    answer = sidecar.http.get(f"/v1/jobs/{job}/outputs/0")
    assert hashlib.sha256(answer.content).hexdigest() == said["sha256"]
    assert (len(answer.content), answer.headers["content-type"], said["role"]) == (said["bytes"], "image/png", "image")
    assert sidecar.http.get(f"/v1/jobs/{job}/outputs/1").status_code == 404


def test_unloading_frees_the_model_and_the_next_job_loads_it_again(sidecar: Sidecar) -> None:
    before = sidecar.picture()
    assert sidecar.http.get("/v1/capabilities").json()["loaded"] == "tiny-sd15"
    assert sidecar.http.post("/v1/unload").json() == {"unloaded": True}
    assert sidecar.http.get("/v1/capabilities").json()["loaded"] is None
    assert sidecar.picture() == before


def test_wrong_fields_are_named_and_never_quoted(sidecar: Sidecar) -> None:
    status, message = refused(sidecar, prompt=["a secret"], steps=0, extra="a secret")
    assert status == 422 and "secret" not in message
    assert "generate.prompt: " in message and "generate.steps: " in message and "generate.extra: " in message
    assert refused(sidecar, steps=151) == (422, "steps: at most 150, asked for 151")
    assert refused(sidecar, widthPx=4096)[1] == "widthPx: at most 2048, asked for 4096"
    assert refused(sidecar, kind="paint")[0] == 422
    assert refused(sidecar, image="not base64!")[0] == 422
    assert refused(sidecar, controls=[{"net": "n", "image": plain("red"), "start": 0.5, "end": 0.5}])[1].endswith("start must be before end")
    assert sidecar.http.post("/v1/jobs", content=b"{").status_code == 422


def test_what_is_not_installed_is_missing_and_what_is_of_another_family_is_invalid(sidecar: Sidecar) -> None:
    assert sidecar.failure(model="nothing") == ("missing_model", False, "Model 'nothing' is not installed")
    assert sidecar.failure(model="../../etc")[0] == "missing_model"
    assert sidecar.failure(model="owner/unknown")[0] == "missing_model"
    assert sidecar.failure(loras=[{"name": "nothing"}])[0] == "missing_model"
    assert sidecar.failure(controls=[{"net": "nothing", "image": plain("red")}])[0] == "missing_model"
    expected = ("invalid", False, "LoRA 'tiny-flux-one' is for flux, the model is sd15")
    assert sidecar.failure(loras=[{"name": "tiny-flux-one"}]) == expected


def test_a_lora_that_was_put_here_is_used_by_its_digest_and_listed_to_nobody(sidecar: Sidecar, models: Path) -> None:
    content = (models / "loras" / "tiny-sd15-one.safetensors").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    assert sidecar.failure(loras=[{"sha256": sha256}])[0] == "missing_model"
    assert sidecar.http.get(f"/v1/loras/{sha256}").status_code == 404
    assert sidecar.http.put(f"/v1/loras/{sha256}", content=content).status_code == 201
    assert sidecar.http.get(f"/v1/loras/{sha256}").status_code == 200
    drawn = sidecar.picture(loras=[{"sha256": sha256, "strength": 0.5}])
    assert drawn == sidecar.picture(loras=[{"name": "tiny-sd15-one", "strength": 0.5}]) != sidecar.picture()
    assert sidecar.failure(model="tiny-sdxl", loras=[{"sha256": sha256}])[:2] == ("invalid", False)
    said = sidecar.http.get("/v1/capabilities").json()
    assert said["takesLoras"] is True and not [each for each in said["models"] if sha256 in each["name"]]


def test_only_loras_of_the_digest_they_are_put_under_are_kept(sidecar: Sidecar, models: Path) -> None:
    content = (models / "loras" / "tiny-sd15-two.safetensors").read_bytes()
    junk = b"no lora at all"
    refusals = [(content, hashlib.sha256(junk).hexdigest()), (junk, hashlib.sha256(junk).hexdigest()), (content, "../../etc"), (content, "0" * 63)]
    for body, sha256 in refusals:
        assert sidecar.http.put(f"/v1/loras/{sha256}", content=body).status_code in (404, 422)
        assert sidecar.http.get(f"/v1/loras/{sha256}").status_code == 404
    assert refused(sidecar, loras=[{"name": "a", "sha256": "0" * 64}])[0] == 422
    assert refused(sidecar, loras=[{"strength": 1}])[0] == 422


def bomb(width: int, height: int) -> str:
    """A PNG of a few bytes that claims a size."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")).decode()


def test_hostile_pictures_are_refused_before_they_are_decoded(sidecar: Sidecar) -> None:
    given = {"kind": "inpaint", "mask": box()}
    assert sidecar.failure(image=bomb(60_000, 60_000), **given) == ("invalid", False, "image: at most 16777216 pixels")
    assert sidecar.failure(image=bomb(5000, 4000), **given)[2] == "image: at most 16777216 pixels, the picture has 20000000"
    assert sidecar.failure(image=bomb(64, 64), **given)[2] == "image: the picture is truncated or damaged"
    assert sidecar.failure(image=base64.b64encode(b"<svg/>").decode(), **given)[2] == "image: not a PNG, JPEG or WebP picture"
    assert sidecar.failure(image=plain("red", 64, 72), **given)[2] == "mask: must have the image's size, 64 x 72"
    frames = io.BytesIO()
    Image.new("RGB", (64, 64)).save(frames, "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")])
    assert sidecar.failure(image=base64.b64encode(frames.getvalue()).decode(), **given)[2] == "image: only still pictures are read"
    assert sidecar.failure(image=encode(Image.new("RGB", (64, 64)), "GIF"), **given)[2] == "image: not a PNG, JPEG or WebP picture"


def test_prompts_do_not_reach_the_log(sidecar: Sidecar, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "xylophone"
    sidecar.run(prompt=f"{secret} " * 200, negativePrompt=f"{secret} " * 200)
    sidecar.run(model="tiny-flux", prompt=f"{secret} " * 200)
    sidecar.run(prompt=secret, model="nothing")
    printed = capfd.readouterr()
    assert secret not in caplog.text + printed.out + printed.err
    assert "generate done" in caplog.text


def test_with_a_token_nobody_else_may_ask(models: Path, tmp_path: Path) -> None:
    http = open_sidecar(models, tmp_path, token="s3cret", host="0.0.0.0").http
    with http:
        assert http.get("/health").status_code == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}, {"Authorization": "Basic s3cret"}):
            for path in ("/v1/capabilities", "/v1/jobs/x/events"):
                assert http.get(path, headers=headers).status_code == 401
        assert http.get("/v1/capabilities", headers={"Authorization": "Bearer s3cret"}).status_code == 200


def test_without_a_token_only_programs_on_this_machine_may_ask(models: Path, tmp_path: Path, sidecar: Sidecar) -> None:
    with pytest.raises(ValueError, match="token"):
        open_sidecar(models, tmp_path, host="0.0.0.0")
    assert sidecar.http.get("/v1/capabilities", headers={"Origin": "https://example.org"}).status_code == 403
    assert TestClient(sidecar.app, base_url="http://rebound.example").get("/v1/capabilities").status_code == 403
    for host in (LOCAL, "http://localhost:7870", "http://[::1]:7870"):
        assert TestClient(sidecar.app, base_url=host).get("/v1/capabilities").status_code == 200


def test_a_body_over_the_limit_is_not_read_on(models: Path, tmp_path: Path) -> None:
    http = open_sidecar(models, tmp_path, limits=Limits(max_body_bytes=1000)).http
    read: list[int] = []

    def stream() -> object:
        for part in range(100):
            read.append(part)
            yield b"x" * 600

    with http:
        assert http.post("/v1/jobs", content=b"x" * 1001).status_code == 413
        answer = http.post("/v1/jobs", content=stream())
        assert (answer.status_code, answer.json()["error"]["message"]) == (413, "The body may have 1000 bytes.")


def test_only_the_last_jobs_are_remembered_with_their_files(models: Path, tmp_path: Path) -> None:
    sidecar = open_sidecar(models, tmp_path, kept_jobs=2)
    with sidecar.http:
        jobs = []
        for _ in range(3):
            jobs.append(sidecar.submit(steps=1))
            sidecar.events(jobs[-1])
        assert sidecar.http.get(f"/v1/jobs/{jobs[0]}/outputs/0").status_code == 404
        assert sidecar.http.get(f"/v1/jobs/{jobs[2]}/outputs/0").status_code == 200
        assert sorted(path.name for path in (tmp_path / "jobs").iterdir()) == sorted(jobs[1:])
