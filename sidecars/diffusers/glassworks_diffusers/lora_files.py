"""The two file layouts that the world's programs read. Both hold the same numbers."""

from __future__ import annotations

import json
import re

import torch
from diffusers.utils import convert_state_dict_to_kohya
from safetensors.torch import save

from .model_files import Family

Weights = dict[str, torch.Tensor]


def to_diffusers_file(weights: Weights, family: Family) -> bytes:
    """As diffusers writes them. The scale is the rank, which is what readers assume."""
    net = "transformer" if family == "flux" else "unet"
    return write({f"{net}.{name}": tensor for name, tensor in weights.items()}, metadata=metadata(family))


def to_kohya_file(weights: Weights, family: Family) -> bytes:
    """As kohya's scripts write them, for ComfyUI and the web UIs."""
    if family == "flux":
        return write(to_kohya_flux(weights), metadata=metadata(family))
    named = convert_state_dict_to_kohya({f"unet.{name}": tensor for name, tensor in weights.items()})
    return write({name: tensor.contiguous() for name, tensor in named.items()}, metadata=metadata(family))


def write(weights: Weights, metadata: dict[str, str]) -> bytes:
    """The same bytes for the same weights: the library puts metadata in an order of its own each time."""
    content = save(weights, metadata=metadata)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    ordered = {"__metadata__": dict(sorted(header.pop("__metadata__").items())), **header}
    text = json.dumps(ordered, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def metadata(family: Family) -> dict[str, str]:
    architecture = {"sd15": "stable-diffusion-v1/lora", "sdxl": "stable-diffusion-xl-v1-base/lora", "flux": "flux-1-dev/lora"}[family]
    return {"format": "pt", "glassworks.family": family, "modelspec.architecture": architecture}


def to_kohya_flux(weights: Weights) -> Weights:
    """Flux as its makers wrote it has one projection for query, key and value, where diffusers has three (and in the single blocks the MLP's
    input beside them). A LoRA of the joint one: the parts' downs above each other, their ups along a diagonal, zeros elsewhere."""
    out: Weights = {}
    blocks = sorted({match.group(0) for name in weights if (match := re.match(r"(single_)?transformer_blocks\.\d+", name))})
    for block in blocks:
        number = block.rsplit(".", 1)[1]
        if block.startswith("single_"):
            # The joint projection's last rows, which the MLP reads, stay unchanged.
            write_joint(out, f"lora_unet_single_blocks_{number}_linear1", weights, [f"{block}.attn.{part}" for part in ("to_q", "to_k", "to_v")], mlp=4)
            continue
        write_joint(out, f"lora_unet_double_blocks_{number}_img_attn_qkv", weights, [f"{block}.attn.{part}" for part in ("to_q", "to_k", "to_v")])
        write_joint(out, f"lora_unet_double_blocks_{number}_img_attn_proj", weights, [f"{block}.attn.to_out.0"])
    return out


def write_joint(out: Weights, name: str, weights: Weights, parts: list[str], mlp: int = 0) -> None:
    """`mlp`: rows of zeros for the MLP, in multiples of a part's rows, with a rank of their own so that readers can take the parts apart."""
    downs = [weights[f"{part}.lora_A.weight"] for part in parts]
    ups = [weights[f"{part}.lora_B.weight"] for part in parts]
    if mlp:
        downs.append(torch.zeros_like(downs[0]))
        ups.append(torch.zeros(ups[0].shape[0] * mlp, ups[0].shape[1], dtype=ups[0].dtype))
    down = torch.cat(downs)
    out[f"{name}.lora_down.weight"] = down.contiguous()
    out[f"{name}.lora_up.weight"] = torch.block_diag(*ups).contiguous()
    out[f"{name}.alpha"] = torch.tensor(float(down.shape[0]))
