"""ComfyUI's sampler and scheduler names as diffusers' schedulers. A name that is not here is refused, never replaced."""

from __future__ import annotations

from typing import Any

from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

from .errors import JobError
from .model_files import Family

SAMPLERS: dict[str, tuple[type[Any], dict[str, object]]] = {
    "euler": (EulerDiscreteScheduler, {}),
    "euler_ancestral": (EulerAncestralDiscreteScheduler, {}),
    "heun": (HeunDiscreteScheduler, {}),
    "dpmpp_2m": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "solver_order": 2}),
    "dpmpp_2m_sde": (DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}),
    "ddim": (DDIMScheduler, {}),
    "uni_pc": (UniPCMultistepScheduler, {}),
    "lcm": (LCMScheduler, {}),
}
SPACINGS: dict[str, dict[str, object]] = {
    "normal": {},
    "simple": {"timestep_spacing": "linspace"},
    "sgm_uniform": {"timestep_spacing": "trailing"},
    "karras": {"use_karras_sigmas": True},
    "exponential": {"use_exponential_sigmas": True},
}
SIGMA_SPACINGS = ("karras", "exponential")
SIGMA_SAMPLERS = ("euler", "heun", "dpmpp_2m", "dpmpp_2m_sde", "uni_pc")
"""Those that can follow a given row of noise levels."""
FLUX_SCHEDULERS = ("simple", "normal")


def check_sampler(family: Family, sampler: str | None, scheduler: str | None) -> None:
    """Before minutes are spent on loading the model. Raises JobError `invalid`."""
    known = ("euler",) if family == "flux" else tuple(SAMPLERS)
    spacings = FLUX_SCHEDULERS if family == "flux" else tuple(SPACINGS)
    for field, asked, names in (("sampler", sampler, known), ("scheduler", scheduler, spacings)):
        if asked is not None and asked not in names:
            raise JobError("invalid", f"{field}: one of {', '.join(names)}")
    if scheduler in SIGMA_SPACINGS and (sampler or "euler") not in SIGMA_SAMPLERS:
        raise JobError("invalid", f"scheduler: {scheduler} works with {', '.join(SIGMA_SAMPLERS)}")


def make_scheduler(family: Family, own: Any, sampler: str | None, scheduler: str | None) -> Any:
    """A fresh scheduler for names that were checked, so that no job sees what another left in it. None: the model's own."""
    if family == "flux" or (sampler is None and scheduler is None):
        return type(own).from_config(own.config)
    of, options = SAMPLERS[sampler or "euler"]
    return of.from_config(own.config, **options, **SPACINGS[scheduler or "normal"])
