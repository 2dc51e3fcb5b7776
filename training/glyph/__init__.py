"""How the built-in text-to-image network was made: `python -m glyph --help`, README.md."""
