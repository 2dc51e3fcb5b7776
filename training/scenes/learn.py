"""One way to train each of the three networks: within a budget, with a moving average of the weights, resumed from its checkpoint."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

_SAVE_EVERY_S = 120
_Net = TypeVar("_Net", bound=nn.Module)


@dataclass(frozen=True)
class Budget:
    """`seconds`: of processor time on a CPU, of wall time on a GPU."""

    seconds: float
    device: str
    learning_rate: float = 1e-3
    average: float = 0.998


def learn(net: _Net, loss_of: Callable[[_Net, int], Tensor], budget: Budget, folder: Path) -> _Net:
    """`loss_of(net, step)` draws a batch itself. Returns the moving average, on the processor. Writes `checkpoint.pt` and `log.txt` to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    net = net.to(budget.device, memory_format=torch.channels_last)
    average = copy.deepcopy(net).eval()
    optimizer = torch.optim.AdamW(net.parameters(), budget.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3)
    steps, spent_s = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=budget.device)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        steps, spent_s = state["steps"], state["spent_s"]

    def save() -> None:
        partial = checkpoint.with_suffix(".partial")
        state = {"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({**state, "steps": steps, "spent_s": spent_s}, partial)
        partial.replace(checkpoint)

    clock = time.process_time if budget.device == "cpu" else time.monotonic
    began, saved_s, recent = clock() - spent_s, spent_s, None
    with (folder / "log.txt").open("a") as log:
        while spent_s < budget.seconds:
            for group in optimizer.param_groups:
                group["lr"] = budget.learning_rate * _rate(steps, spent_s / budget.seconds)
            loss = _step(net, average, optimizer, lambda: loss_of(net, steps), min(budget.average, (1 + steps) / (20 + steps)))
            steps, spent_s = steps + 1, clock() - began
            recent = loss if recent is None else 0.98 * recent + 0.02 * loss
            if steps % 50 == 0:
                print(f"step {steps} share {spent_s / budget.seconds:.3f} loss {recent:.5f}", file=log, flush=True)
            if spent_s - saved_s > _SAVE_EVERY_S:
                save()
                saved_s = spent_s
    save()
    return average.cpu()


def _step(net: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, loss_of: Callable[[], Tensor], keep: float) -> float:
    loss = loss_of()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - keep)
    return loss.item()


def _rate(steps: int, share: float) -> float:
    """Up over 100 steps, level for a third of the budget, then down along a cosine."""
    fall = max(0.0, (min(share, 1.0) - 0.33) / 0.67)
    return min(1.0, (steps + 1) / 100) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * fall)))
