"""Serves diffusers pipelines and LoRA training to Glassworks over HTTP. Protocol: ../README.md."""

__version__ = "0.1.0"
