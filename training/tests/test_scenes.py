"""The networks that draw scenes, from the shipped glyph networks to files that ship: a run of two minutes, and its parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from command import run_twice
from scenes.compose import compose, fit, trim
from scenes.judge import Seen, Verdict
from scenes.plans import Place, make_plans
from scenes.questions import Asked, Question
from scenes.samples import is_held_out
from scenes.score import accuracy, score


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The command with forty things and networks of no use, twice: the second goes on where the first was."""
    folder = tmp_path_factory.mktemp("scenes")
    return folder, *run_twice("scenes", folder, "--minutes", "0.3", "--evaluate", "6", "--batch", "4")


def test_one_command_leads_from_the_drawings_to_files_that_unite_them(run: tuple[Path, str, str]) -> None:
    glyph = run[0] / "out/glyph"
    cut, unite = (onnxruntime.InferenceSession(glyph / f"scene-{part}.onnx") for part in ("cut", "unite"))
    alpha = cut.run(None, {"drawn": np.ones((1, 3, 64, 64), np.float32)})[0]
    assert alpha.shape == (1, 1, 64, 64) and alpha.min() >= 0 and alpha.max() <= 1
    known = np.zeros((1, 4, 128, 128), np.float32)
    united = unite.run(None, {"x": known[:, :3], "t": np.zeros(1, np.float32), "known": known})[0]
    assert united.shape == (1, 3, 128, 128) and np.isfinite(united).all()


def test_it_says_how_scenes_come_out_beside_what_they_are_compared_with(run: tuple[Path, str, str]) -> None:
    for way in ("real", "scene", "pasted", "guess", "single"):
        assert f"{way}: thing " in run[1]
    asked = json.loads((run[0] / "gate/questions.json").read_text())
    assert len(asked["questions"]) == 6 and (run[0] / "gate/judge.onnx").exists()


def test_a_run_that_was_ended_goes_on_where_it_was(run: tuple[Path, str, str]) -> None:
    _, first, second = run
    assert "drawing every thing" in first and "drawing every thing" not in second


def test_plans_come_from_the_servers_own_layout(tmp_path: Path) -> None:
    plans = make_plans(20, tmp_path / "plans.raw")
    assert len(plans) == 20 and all(plan.background.shape == (128, 128, 3) for plan in plans)
    assert all(0 <= place.left and place.left + place.width <= 128 for plan in plans for place in plan.places)
    white = [plan for plan in plans if plan.described is None]
    assert white and all((plan.background == 255).all() for plan in white)


def test_things_are_put_over_each_other_and_cover_what_is_behind() -> None:
    background = np.full((128, 128, 3), 100, np.uint8)
    red, blue = (np.full((64, 64, 4), 255, np.uint8) for _ in range(2))
    red[..., 1:3], blue[..., :2] = 0, 0
    places = [Place(0, 10, 10, 40, 40, False), Place(1, 30, 30, 40, 40, False)]
    picture, covered = compose(background, [red, blue], places)
    assert picture[20, 20].tolist() == [255, 0, 0] and picture[40, 40].tolist() == [0, 0, 255] and picture[100, 100].tolist() == [100, 100, 100]
    assert covered[20, 20] == 1 and covered[100, 100] == 0


def test_a_sprite_is_trimmed_and_fits_its_place_on_the_lower_edge() -> None:
    sprite = np.zeros((64, 64, 4), np.uint8)
    sprite[10:30, 20:60] = 255
    assert trim(sprite).shape == (20, 40, 4)
    assert fit(trim(sprite), Place(0, 0, 0, 40, 40, True)) == Place(0, 0, 20, 40, 20, True)


def test_an_eighth_of_all_pairs_never_meet_in_training_whichever_comes_first() -> None:
    pairs = [(one, other) for one in range(60) for other in range(60) if one != other]
    assert all(is_held_out(one, other) == is_held_out(other, one) for one, other in pairs)
    assert 0.08 < np.mean([is_held_out(*pair) for pair in pairs]) < 0.17


def test_a_picture_is_scored_by_what_is_seen_in_it() -> None:
    things = [Asked(1, 2, "red"), Asked(2, 1, None)]
    question = Question("two red cows left of a house", "flat", 0, things, "left", {"kind": "plain", "color": "blue"})
    house = Seen(2, 100, 60, None, 0.9)
    right = Verdict([Seen(1, 20, 60, "red", 0.9), Seen(1, 40, 60, "red", 0.9), house], "none", "none", "blue")
    assert accuracy([score(question, right)]) == {"thing": 1, "count": 1, "colour": 1, "relation": 1, "background": 1, "all": 1}
    wrong = Verdict([Seen(1, 120, 60, "blue", 0.9), house], "night", "none", "white")
    assert accuracy([score(question, wrong)]) == {"thing": 1, "count": 0.5, "colour": 0, "relation": 0, "background": 0, "all": 0}
