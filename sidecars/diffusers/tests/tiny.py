"""Tiny random pipelines of the real architectures, built in code: what the tests draw with. No hub, no downloads.

    python tests/tiny.py <folder>      (fills the folder with models, ControlNets and LoRAs for the sidecar to serve)

The pictures mean nothing, but every part is there: tokenizers, text encoders, U-Net or transformer, VAE, scheduler.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxControlNetModel,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer, T5Config, T5EncoderModel, T5Tokenizer

TEXT_WIDTH = 32
BYTES = [chr(code) for code in [*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324)]]
"""The 256 letters that byte-level tokenizers write bytes with."""
CONTROLS = ("canny", "depth", "pose")


def clip_tokenizer() -> CLIPTokenizer:
    words = [*BYTES, *(letter + "</w>" for letter in BYTES), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=77)


def t5_tokenizer() -> T5Tokenizer:
    letters = [(chr(code), -3.0) for code in range(33, 127)]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *letters]
    return T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=64)


def clip_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=514, hidden_size=TEXT_WIDTH, intermediate_size=37, projection_dim=TEXT_WIDTH,
        num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=77, bos_token_id=512, eos_token_id=513, pad_token_id=513,
    )  # fmt: skip


def t5() -> T5EncoderModel:
    config = T5Config(vocab_size=98, d_model=TEXT_WIDTH, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0)
    return T5EncoderModel(config).eval()


def vae(channels: int, **config: object) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 16, 16), in_channels=3, out_channels=3, latent_channels=channels, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, **config,
    )  # fmt: skip


SD15 = dict(
    block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=TEXT_WIDTH,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
)  # fmt: skip
SDXL = SD15 | dict(
    attention_head_dim=(2, 4), use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
    transformer_layers_per_block=(1, 2), projection_class_embeddings_input_dim=6 * 8 + TEXT_WIDTH, cross_attention_dim=2 * TEXT_WIDTH,
)  # fmt: skip
FLUX = dict(
    patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
    joint_attention_dim=TEXT_WIDTH, pooled_projection_dim=TEXT_WIDTH, axes_dims_rope=(4, 4, 8),
)  # fmt: skip


def unet(shape: dict[str, object], channels: int = 4) -> UNet2DConditionModel:
    up = ("CrossAttnUpBlock2D", "UpBlock2D")
    return UNet2DConditionModel(sample_size=8, in_channels=channels, out_channels=4, up_block_types=up, **shape).eval()


def sd15(inpaint_net: bool = False) -> StableDiffusionPipeline | StableDiffusionInpaintPipeline:
    of = StableDiffusionInpaintPipeline if inpaint_net else StableDiffusionPipeline
    scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1)
    return of(
        vae=vae(4), text_encoder=CLIPTextModel(clip_config()).eval(), tokenizer=clip_tokenizer(), unet=unet(SD15, 9 if inpaint_net else 4),
        scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def sdxl() -> StableDiffusionXLPipeline:
    return StableDiffusionXLPipeline(
        vae=vae(4), unet=unet(SDXL), tokenizer=clip_tokenizer(), tokenizer_2=clip_tokenizer(),
        text_encoder=CLIPTextModel(clip_config()).eval(), text_encoder_2=CLIPTextModelWithProjection(clip_config()).eval(),
        scheduler=EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1),
    )  # fmt: skip


def flux() -> FluxPipeline:
    return FluxPipeline(
        vae=vae(4, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1, scaling_factor=0.36),
        transformer=FluxTransformer2DModel(guidance_embeds=True, **FLUX).eval(),
        tokenizer=clip_tokenizer(), text_encoder=CLIPTextModel(clip_config()).eval(), tokenizer_2=t5_tokenizer(), text_encoder_2=t5(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
    )  # fmt: skip


def controlnet(family: str) -> ControlNetModel | FluxControlNetModel:
    if family == "flux":
        net: torch.nn.Module = FluxControlNetModel(guidance_embeds=True, **FLUX)
    else:
        net = ControlNetModel(conditioning_embedding_out_channels=(4, 4, 8, 8), **(SD15 if family == "sd15" else SDXL))
    # A fresh ControlNet ends in zeros and would do nothing.
    for name, tensor in net.named_parameters():
        if "controlnet" in name:
            tensor.data.normal_(0, 0.3)
    return net.eval()


def write_lora(file: Path, family: str, seed: int) -> None:
    """A random LoRA in diffusers' layout for the attention of the tiny net of `family`."""
    net, prefix = (FluxTransformer2DModel(**FLUX), "transformer") if family == "flux" else (unet(SD15 if family == "sd15" else SDXL), "unet")
    generator = torch.Generator().manual_seed(seed)
    weights: dict[str, torch.Tensor] = {}
    for name, module in net.named_modules():
        if isinstance(module, torch.nn.Linear) and name.endswith((".to_q", ".to_v", ".to_out.0")):
            weights[f"{prefix}.{name}.lora_A.weight"] = torch.randn(2, module.in_features, generator=generator) * 0.7
            weights[f"{prefix}.{name}.lora_B.weight"] = torch.randn(module.out_features, 2, generator=generator) * 0.7
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, file, metadata={"glassworks.family": family})


def build(folder: Path) -> Path:
    torch.manual_seed(0)
    for name, pipeline in (("tiny-sd15", sd15()), ("tiny-sd15-inpaint", sd15(inpaint_net=True)), ("tiny-sdxl", sdxl()), ("owner/tiny-flux", flux())):
        pipeline.save_pretrained(folder / name)
    for family in ("sd15", "sdxl", "flux"):
        for control in CONTROLS:
            controlnet(family).save_pretrained(folder / f"tiny-{family}-{control}")
        for seed, name in enumerate(("one", "two")):
            write_lora(folder / "loras" / f"tiny-{family}-{name}.safetensors", family, seed)
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    made = build(parser.parse_args().folder)
    json.dump(sorted(str(path.parent.relative_to(made)) for path in made.rglob("model_index.json")), sys.stdout)
