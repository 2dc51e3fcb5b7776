"""Scenes of several things: cut out what glyph draws, put it on a background, unite it. See training/README.md."""
