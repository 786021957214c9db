"""Files that carry questions in and out. pack is the lossless one (docs/pack-format.md)."""
