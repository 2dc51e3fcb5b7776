"""From the formats that networks of others come in to ONNX: `python -m converters --help`."""
