"""Pictures from outside are hostile: their header is judged before a pixel is decoded."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageFile, ImageOps

from .errors import JobError

FORMATS = ("PNG", "JPEG", "WEBP")
ImageFile.LOAD_TRUNCATED_IMAGES = False


def read_picture(data: bytes, max_pixels: int, role: str) -> Image.Image:
    """The picture as RGB, transparency on white. Raises JobError `invalid`, naming `role`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise JobError("invalid", f"{role}: at most {max_pixels} pixels") from error
    except Exception as error:
        raise JobError("invalid", f"{role}: not a PNG, JPEG or WebP picture") from error
    width, height = picture.size
    if width * height > max_pixels:
        raise JobError("invalid", f"{role}: at most {max_pixels} pixels, the picture has {width * height}")
    if getattr(picture, "n_frames", 1) > 1:
        raise JobError("invalid", f"{role}: only still pictures are read")
    try:
        picture.load()
    except Exception as error:
        raise JobError("invalid", f"{role}: the picture is truncated or damaged") from error
    if "A" in picture.getbands() or "transparency" in picture.info:
        solid = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", solid.size, "white"), solid)
    return picture.convert("RGB")


def read_mask(data: bytes, max_pixels: int) -> Image.Image:
    """Black and white: lighter than mid-grey is white."""
    return read_picture(data, max_pixels, "mask").convert("L").point(lambda value: 255 if value > 127 else 0)


def cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Scaled to fill the size, what stands out cut off evenly."""
    return picture if picture.size == (width, height) else ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)


def pad_to_multiple(picture: Image.Image, multiple: int) -> Image.Image:
    """Larger to the right and below, by repeating the last pixels; cut off again after drawing."""
    right, below = (-side % multiple for side in picture.size)
    if right == 0 and below == 0:
        return picture
    pixels = np.asarray(picture)
    return Image.fromarray(np.pad(pixels, ((0, below), (0, right), (0, 0))[: pixels.ndim], mode="edge"))


def to_png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def to_jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
