"""Every kind of pipeline of every family, on tiny random networks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Sidecar, box, open_png, plain
from tiny import CONTROLS

from glassworks_diffusers.previews import fit_latent_colors

FAMILIES = ("sd15", "sdxl", "flux")
TASKS: dict[str, dict[str, Any]] = {
    "text": {},
    "image": {"image": plain("orange")},
    "inpaint": {"kind": "inpaint", "image": plain("orange"), "mask": box()},
}


def stack(family: str, count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"net": f"tiny-{family}-{name}", "image": box(), "strength": 0.8, **fields} for name in CONTROLS[:count]]


def difference(one: bytes, two: bytes) -> float:
    """Mean over channels, of 255."""
    return float(np.abs(np.asarray(open_png(one), dtype=float) - np.asarray(open_png(two), dtype=float)).mean())


@pytest.mark.parametrize("controls", [0, 1, 3])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_picture(sidecar: Sidecar, family: str, task: str, controls: int) -> None:
    asked = {"model": f"tiny-{family}", "controls": stack(family, controls), **TASKS[task]}
    once = sidecar.picture(seed=7, **asked)
    assert open_png(once).size == (64, 64)
    assert sidecar.picture(seed=7, **asked) == once
    assert sidecar.picture(seed=8, **asked) != once


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_each_of_three_stacked_controlnets_acts_with_its_own_strength_and_range(sidecar: Sidecar, family: str, task: str) -> None:
    asked = {"model": f"tiny-{family}", "strength": 1, **TASKS[task]}
    nets = stack(family, 3)
    all_three = sidecar.picture(controls=nets, **asked)
    for index in range(3):
        weaker = [{**net, "strength": 0.1} if at == index else net for at, net in enumerate(nets)]
        shorter = [{**net, "end": 0.3} if at == index else net for at, net in enumerate(nets)]
        other_map = [{**net, "image": plain("blue")} if at == index else net for at, net in enumerate(nets)]
        pictures = {sidecar.picture(controls=changed, **asked) for changed in (weaker, shorter, other_map)}
        assert len(pictures | {all_three}) == 4
    assert sidecar.picture(controls=stack(family, 3, strength=0), **asked) == sidecar.picture(**asked)


@pytest.mark.parametrize("family", FAMILIES)
def test_loras_add_up_and_leave_nothing_behind(sidecar: Sidecar, family: str) -> None:
    model = f"tiny-{family}"
    one, two = ({"name": f"tiny-{family}-{name}"} for name in ("one", "two"))
    bare = sidecar.picture(model=model)
    drawn = [sidecar.picture(model=model, loras=loras) for loras in ([one], [two], [one, two], [one, {**two, "strength": 0.5}])]
    assert len({bare, *drawn}) == 5
    assert sidecar.picture(model=model, loras=[{**one, "strength": 0}, {**two, "strength": 0}]) == bare
    assert sidecar.picture(model=model, loras=[one, {**two, "strength": 0}]) == drawn[0]
    assert sidecar.picture(model=model) == bare


@pytest.mark.parametrize("family", FAMILIES)
def test_any_size_is_drawn_to_the_pixel(sidecar: Sidecar, family: str) -> None:
    assert open_png(sidecar.picture(model=f"tiny-{family}", widthPx=101, heightPx=67)).size == (101, 67)
    inpainted = sidecar.picture(model=f"tiny-{family}", kind="inpaint", image=plain("red", 90, 70), mask=box(90, 70), widthPx=77, heightPx=65)
    assert open_png(inpainted).size == (90, 70)


@pytest.mark.parametrize("family", FAMILIES)
def test_strength_decides_how_much_of_a_given_picture_stays(sidecar: Sidecar, family: str) -> None:
    given = {"model": f"tiny-{family}", "image": plain("orange"), "steps": 10}
    untouched = sidecar.picture(strength=0, **given)
    assert set(open_png(untouched).get_flattened_data()) == {(255, 165, 0)}
    assert difference(untouched, sidecar.picture(strength=0.01, **given)) > 0
    assert len({sidecar.picture(strength=strength, **given) for strength in (0.3, 0.6, 1)}) == 3


def test_an_inpainting_network_repaints_and_refuses_to_generate(sidecar: Sidecar) -> None:
    asked = {"model": "tiny-sd15-inpaint", "kind": "inpaint", "image": plain("orange"), "mask": box(), "strength": 1}
    assert sidecar.picture(**asked) == sidecar.picture(**asked)
    assert sidecar.failure(model="tiny-sd15-inpaint") == ("invalid", False, "model: this one only inpaints")


def test_samplers_draw_differently_and_unknown_ones_are_refused(sidecar: Sidecar) -> None:
    choices = [("euler", None), ("euler_ancestral", "normal"), ("heun", None), ("dpmpp_2m", "karras"), ("dpmpp_2m_sde", "exponential")]
    choices += [("ddim", "simple"), ("uni_pc", "sgm_uniform"), ("lcm", None), (None, None)]
    drawn = {sidecar.picture(sampler=sampler, scheduler=scheduler, steps=6) for sampler, scheduler in choices}
    assert len(drawn) == len(choices)
    assert sidecar.failure(sampler="magic")[2].startswith("sampler: one of euler, ")
    assert sidecar.failure(sampler="ddim", scheduler="karras")[2].startswith("scheduler: karras works with ")
    assert sidecar.failure(model="tiny-flux", sampler="dpmpp_2m")[:2] == ("invalid", False)


def test_prompt_negative_prompt_and_guidance_count(sidecar: Sidecar) -> None:
    changes: list[dict[str, Any]] = [{}, {"prompt": "a blue car"}, {"negativePrompt": "leaf"}, {"guidance": 2}, {"steps": 5}]
    assert len({sidecar.picture(**change) for change in changes}) == len(changes)
    end = sidecar.run(model="tiny-flux", negativePrompt="leaf")[-1]
    assert end["facts"]["ignored"] == ["negativePrompt"]


def test_progress_comes_at_every_step_and_previews_as_often_as_asked(sidecar: Sidecar) -> None:
    job = sidecar.submit(previewEvery=3, steps=7)
    events = sidecar.events(job)
    assert [event["step"] for event in events if event["type"] == "progress"] == [1, 2, 3, 4, 5, 6, 7]
    (preview,) = [event for event in sidecar.events(job) if event["type"] == "preview"]
    assert (preview["widthPx"], preview["heightPx"]) == (256, 256)
    assert [event["id"] for event in events if event["type"] == "progress" and event["step"] == 6] == [preview["id"] - 1]


class LinearVae:
    """Its latents mix the colours of 4 x 4 pixels, shifted and scaled."""

    dtype = torch.float32
    mix = torch.tensor([[0.5, 0.2, -0.3], [0.1, -0.7, 0.4], [-0.6, 0.3, 0.9], [0.2, 0.2, 0.2]])

    class Config(dict):  # type: ignore[type-arg]
        scaling_factor = 0.3

    config = Config(shift_factor=0.2)

    def to(self, _dtype: torch.dtype) -> None: ...

    def encode(self, pixels: torch.Tensor) -> Any:
        latents = torch.einsum("lc,bchw->blhw", self.mix, torch.nn.functional.avg_pool2d(pixels, 4)) + 0.5
        return SimpleNamespace(latent_dist=SimpleNamespace(mode=lambda: latents))


def test_previews_have_the_colours_that_the_vae_would_give() -> None:
    vae = LinearVae()
    colors = fit_latent_colors(vae, 4, "cpu")
    quarters = torch.tensor([[255, 0, 0, 128], [0, 200, 30, 128], [0, 10, 250, 128]]).view(1, 3, 2, 2)
    pixels = torch.nn.functional.interpolate(quarters / 127.5 - 1, scale_factor=4)
    latents = (vae.encode(pixels).latent_dist.mode() - 0.2) * 0.3
    drawn = colors.draw(latents)
    assert drawn.size == (256, 256)
    corners = [drawn.getpixel(at) for at in ((0, 0), (255, 0), (0, 255), (255, 255))]
    expected = quarters[0].flatten(1).T.tolist()
    assert all(abs(a - b) <= 1 for corner, wanted in zip(corners, expected, strict=True) for a, b in zip(corner, wanted, strict=True))
