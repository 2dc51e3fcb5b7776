"""Writes networks of the real architectures with random weights, small enough for a test, into IOPaint's model folder:
a Stable Diffusion 1.5 (`tiny-sd15`), one ControlNet of IOPaint's fixed list, RealESRGAN's realesr-general-x4v3 and PowerPaint V2.
Their pictures are noise.

Usage: python tinyModels.py MODEL_DIR [--without-powerpaint]
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from iopaint.model.power_paint.v2.BrushNet_CA import BrushNetModel
from iopaint.plugins.realesrgan import SRVGGNetCompact
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
from transformers.models.clip.tokenization_clip import bytes_to_unicode

TEXT_WIDTH = 16


def write_tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's tokenizer with single bytes as its whole vocabulary."""
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: at for at, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
    tokenizer.save_pretrained(folder)
    return tokenizer


def text_encoder(vocabulary: int) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=TEXT_WIDTH,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=77,
        )
    )


def hub_folder(model_dir: Path, repository: str) -> Path:
    """Where the hub's cache keeps a repository, with the note that makes it findable offline."""
    base = model_dir / "huggingface" / "hub" / f"models--{repository.replace('/', '--')}"
    revision = "0" * 40
    (base / "refs").mkdir(parents=True, exist_ok=True)
    (base / "refs" / "main").write_text(revision)
    return base / "snapshots" / revision


def main(model_dir: Path, with_powerpaint: bool) -> None:
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(4, 4, 8, 8),
        # Attention at full size is what takes the time; IOPaint enlarges everything to 512 px.
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        norm_num_groups=2,
        attention_head_dim=1,
        cross_attention_dim=TEXT_WIDTH,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 4, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=2,
    )
    sd15 = model_dir / "stable_diffusion" / "tiny-sd15"
    tokenizer = write_tokenizer(sd15 / "tokenizer")
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder(len(tokenizer)),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DDIMScheduler(num_train_timesteps=1000, steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(sd15)

    net = ControlNetModel.from_unet(unet)
    # A new ControlNet adds nothing: its last layers are zero.
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    net.save_pretrained(hub_folder(model_dir, "lllyasviel/control_v11p_sd15_canny"))

    checkpoints = model_dir / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    upscaler = SRVGGNetCompact(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=32, upscale=4, act_type="prelu")
    torch.save({"params": upscaler.state_dict()}, checkpoints / "realesr-general-x4v3.pth")

    if not with_powerpaint:
        return
    powerpaint = hub_folder(model_dir, "Sanster/PowerPaint_v2")
    tokenizer = write_tokenizer(powerpaint / "tokenizer")
    tokenizer.add_tokens([f"{task}_{at}" for task in ("P_ctxt", "P_shape", "P_obj") for at in range(10)])
    tokenizer.save_pretrained(powerpaint / "tokenizer")
    text_encoder(len(tokenizer)).save_pretrained(powerpaint / "text_encoder_brushnet", variant="fp16")
    brushnet = BrushNetModel.from_unet(unet)
    for parameter in brushnet.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    brushnet.save_pretrained(powerpaint / "PowerPaint_Brushnet", variant="fp16")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--without-powerpaint" not in sys.argv[2:])
