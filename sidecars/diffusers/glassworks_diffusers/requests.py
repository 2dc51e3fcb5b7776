"""The body of POST /v1/jobs. Names on the wire are camelCase; pictures are base64 of PNG, JPEG or WebP files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from .errors import JobError
from .settings import Limits

Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=10_000)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Part = Annotated[float, Field(ge=0, le=1)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True, hide_input_in_errors=True)


class Control(Wire):
    """One of a stack of ControlNets with its map."""

    net: Name
    image: Base64Bytes
    strength: float = Field(default=1, ge=0, le=2)
    start: Part = 0
    """Part of the sampling it acts in, 0 to 1."""
    end: Part = 1

    @model_validator(mode="after")
    def ordered(self) -> Control:
        if self.start >= self.end:
            raise ValueError("start must be before end")
        return self


class LoraUse(Wire):
    """One that is installed, by its name, or one that was put here (PUT /v1/loras/:sha256), by its digest."""

    name: Name | None = None
    sha256: Digest | None = None
    strength: float = Field(default=1, ge=-2, le=2)

    @model_validator(mode="after")
    def named_once(self) -> LoraUse:
        if (self.name is None) == (self.sha256 is None):
            raise ValueError("needs exactly one of name and sha256")
        return self


class Drawing(Wire):
    """What text-to-image, image-to-image and inpainting have in common."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    model: Name
    prompt: Text
    negative_prompt: Text = ""
    seed: int = Field(ge=0, le=2**32 - 1)
    steps: int = Field(ge=1)
    guidance: float | None = Field(default=None, ge=0, le=30)
    """None: 7.5 for Stable Diffusion 1.5, 5 for XL, 3.5 for Flux."""
    width_px: int = Field(ge=64)
    height_px: int = Field(ge=64)
    strength: Part = 0.7
    """Denoise strength for a given picture: 0 returns it, 1 ignores it."""
    sampler: str | None = Field(default=None, max_length=40)
    scheduler: str | None = Field(default=None, max_length=40)
    controls: list[Control] = Field(default=[], max_length=8)
    loras: list[LoraUse] = Field(default=[], max_length=8)
    preview_every: int | None = Field(default=1, ge=1)
    """Steps from one preview to the next; None: no previews."""


class Generate(Drawing):
    kind: Literal["generate"]
    image: Base64Bytes | None = None


class Inpaint(Drawing):
    """`width_px` and `height_px` are the size it is drawn at; the result has the size of `image`."""

    kind: Literal["inpaint"]
    image: Base64Bytes
    mask: Base64Bytes
    """White is repainted. Of the image's size."""


class TrainingPicture(Wire):
    image: Base64Bytes
    caption: Text


class TrainLora(Wire):
    """`run` names the training: a second job with the same run and settings goes on from the last checkpoint."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    kind: Literal["train_lora"]
    run: Slug
    model: Name
    publish_as: Slug | None = None
    """The LoRA is kept here under this name, for jobs to use; None: only the files are handed out."""
    pictures: list[TrainingPicture] = Field(min_length=1)
    steps: int = Field(ge=1)
    rank: int = Field(default=16, ge=1, le=128)
    learning_rate: float = Field(default=1e-4, gt=0, le=1)
    batch_size: int = Field(default=1, ge=1, le=16)
    side_px: int = Field(default=512, ge=64, multiple_of=16)
    """Training pictures are cut to a square of this side."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    checkpoint_every: int = Field(default=100, ge=1)
    sample_every: int | None = Field(default=None, ge=1)
    sample_prompts: list[Text] = Field(default=[], max_length=4)
    sample_steps: int = Field(default=20, ge=1)


JobRequest = Annotated[Generate | Inpaint | TrainLora, Field(discriminator="kind")]
parse_job: TypeAdapter[Generate | Inpaint | TrainLora] = TypeAdapter(JobRequest)


def check_limits(request: Generate | Inpaint | TrainLora, limits: Limits) -> None:
    """What this server was started with may be less than what the protocol can say. Raises JobError `invalid`."""
    if isinstance(request, TrainLora):
        at_most("steps", request.steps, limits.max_training_steps)
        at_most("pictures", len(request.pictures), limits.max_training_pictures)
        at_most("sidePx", request.side_px, limits.max_side_px)
        at_most("sampleSteps", request.sample_steps, limits.max_steps)
        return
    at_most("steps", request.steps, limits.max_steps)
    at_most("widthPx", request.width_px, limits.max_side_px)
    at_most("heightPx", request.height_px, limits.max_side_px)
    at_most("widthPx times heightPx", request.width_px * request.height_px, limits.max_pixels)


def at_most(field: str, asked: int, maximum: int) -> None:
    if asked > maximum:
        raise JobError("invalid", f"{field}: at most {maximum}, asked for {asked}")
