"""The built-in text-to-image network, from its sources to files that draw: a run of two minutes, and its parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from command import PROJECT, run_twice
from glyph.augment import change, random_changes
from glyph.colors import HUES, find_main_hue, tint, to_hsv, to_rgb, turn_hue
from glyph.definitions import Dictionary
from glyph.prior import Prior, PriorSamples, fit_prior
from glyph.sources import SOURCES


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The command with forty things and a network of no use, twice: the second goes on where the first was."""
    folder = tmp_path_factory.mktemp("glyph")
    return folder, *run_twice("glyph", folder, "--minutes", "0.5", "--evaluate", "12")


def test_one_command_leads_from_the_packages_to_files_that_draw(run: tuple[Path, str, str]) -> None:
    folder = run[0]
    glyph = folder / "out/glyph"
    listed = json.loads((glyph / "concepts.json").read_text())
    assert len(listed["names"]) == len(listed["natural"]) == len(listed["mirror"]) == 40
    assert (glyph / "concepts.i8").stat().st_size == 40 * listed["dim"]
    text, prior, step = (onnxruntime.InferenceSession(glyph / f"glyph-{part}.onnx") for part in ("text", "prior", "step"))
    asked = {"txt": np.zeros((1, 384), np.float32), "drop": np.zeros(1, np.float32), "style": np.zeros(1, np.int64)}
    maps = dict(zip(["m0", "m1", "m2", "hc"], text.run(None, asked), strict=True))
    guess = prior.run(None, asked)[0]
    noise = np.random.default_rng(0).standard_normal((1, 3, 64, 64), np.float32)
    drawn = step.run(None, {"x": noise, "t": np.zeros(1, np.float32), "pr": guess, **maps})[0]
    assert drawn.shape == (1, 3, 64, 64) and np.isfinite(drawn).all()


def test_a_run_that_was_ended_goes_on_where_it_was(run: tuple[Path, str, str]) -> None:
    _, first, second = run
    assert "drawing the pictures" in first and "drawing the pictures" not in second


def test_the_thumbnails_of_the_quality_gate_belong_to_the_pictures(run: tuple[Path, str, str]) -> None:
    gate = run[0] / "gate"
    listed = json.loads((gate / "ref.json").read_text())
    assert (gate / "ref8.u8").stat().st_size == listed["n"] * 8 * 8 * 3
    assert len(listed["cid"]) == listed["n"] and max(listed["cid"]) == 39


def test_a_thing_is_looked_up_in_the_dictionary(run: tuple[Path, str, str]) -> None:
    assert run[0].exists()
    dictionary = Dictionary(PROJECT / ".cache/glyph/downloads" / SOURCES["definitions"].folder)
    senses = dictionary.look_up("crown")
    assert any("headdress" in sense.definition for sense in senses) and all('"' not in sense.definition for sense in senses)
    assert dictionary.look_up("ice cream")[0].words[0] == "ice cream"
    assert dictionary.look_up("pinching hand with an eye") == []


def test_a_colour_survives_being_taken_apart() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    assert np.abs(to_rgb(*to_hsv(pixels)).astype(int) - pixels).max() <= 1


def test_a_red_thing_is_known_as_red_and_turned_to_every_other_colour() -> None:
    red = _disc((220, 30, 30))
    main = find_main_hue(red)
    assert main is not None and main.color == "red"
    for color in HUES:
        turned = find_main_hue(turn_hue(red, main, color))
        assert turned is not None and turned.color == color


def test_a_white_thing_has_no_main_hue_and_can_be_tinted_in_every_colour() -> None:
    white = _disc((250, 250, 250))
    assert find_main_hue(white) is None
    for color in HUES:
        main = find_main_hue(tint(white, color))
        assert main is not None and main.color == color


def test_what_comes_in_from_outside_is_white_and_an_unchanged_picture_stays() -> None:
    picture = -torch.ones(2, 3, 16, 16)
    same = torch.eye(2, 3).repeat(2, 1, 1)
    assert torch.allclose(change(picture, same), picture, atol=1e-5)
    away = same.clone()
    away[:, :, 2] = 3
    assert torch.allclose(change(picture, away), torch.ones_like(picture))


def test_only_what_may_be_mirrored_is() -> None:
    changes = random_changes(400, torch.arange(400) % 2 == 0)
    mirrored = changes[:, 0, 0] < 0
    assert not mirrored[1::2].any() and 60 < mirrored[::2].sum() < 140


def test_the_first_guess_is_the_picture_where_texts_are_few() -> None:
    torch.manual_seed(0)
    thumbnails = torch.rand(12, 3 * 32 * 32) * 2 - 1
    text = torch.nn.functional.normalize(torch.randn(12, 384), dim=1)
    style = torch.arange(12) % 3
    samples = PriorSamples(text, style, torch.arange(12), torch.ones(12))
    guess = fit_prior(thumbnails, samples, Prior(features=512, components=12))(text, style)
    assert (guess.flatten(1) - thumbnails).abs().mean() < 0.02


def _disc(color: tuple[int, int, int]) -> np.ndarray:
    rows, columns = np.mgrid[:64, :64] - 32
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., :3] = color
    rgba[..., 3] = np.where(rows**2 + columns**2 < 28**2, 255, 0)
    return rgba
