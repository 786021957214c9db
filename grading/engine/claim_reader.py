"""The claim reader: compares a claim word by word with an answer and tells stated, missing and contradicted apart.

It reads no text. The encoder's one forward pass per text has given each word piece a vector of an early and of the
last layer; the reader looks up, for each piece of the claim, what the answer says in its place (by cosine and by a
learned attention), compares the two, and lets the comparisons of all pieces decide. After decomposable attention
(Parikh et al. 2016, arXiv:1606.01933) and ESIM (Chen et al. 2017, arXiv:1609.06038). A million weights, trained by
manage.py train_verifier; docs/decisions/0005-claim-reader.md has what was tried, docs/model-card.md what it can do.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from grading.engine.encoder import Vectors
from grading.engine.verifier import Verdicts, hash_of

WEIGHTS_FILE = Path(__file__).with_name("claim_reader.safetensors")
TRAINED_ON = "trained_on"  # the weights' metadata under this name

PIECE = 768
LAST_LAYER = slice(384, 768)
INNER = 192
HEADS = 4
DROPOUT = 0.2
# The cosine's first temperature; training changes it.
TEMPERATURE = 12.0
FAR = -1e9
# Answers read together.
BATCH = 16


class ClaimReaderNetwork(nn.Module):
    """The network. Its input are pieces (t, 768): an early layer's 384 numbers and the last layer's."""

    def __init__(self) -> None:
        super().__init__()
        self.asks = nn.Linear(PIECE, INNER)
        self.answers = nn.Linear(PIECE, INNER)
        self.means = nn.Linear(PIECE, INNER)
        self.temperature = nn.Parameter(torch.tensor(TEMPERATURE))
        self.likeness = nn.Linear(1, INNER)
        self.compare = nn.Sequential(nn.Linear(6 * INNER, INNER), nn.GELU(), nn.Dropout(DROPOUT))
        self.together = nn.TransformerEncoderLayer(INNER, HEADS, 2 * INNER, DROPOUT, batch_first=True, norm_first=True)
        self.weigh = nn.Linear(INNER, 1)
        self.decide = nn.Sequential(nn.LayerNorm(2 * INNER), nn.Dropout(DROPOUT), nn.Linear(2 * INNER, 3))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, claims: Tensor, in_claim: Tensor, texts: Tensor, in_text: Tensor) -> Tensor:
        """Return logits (b, k, 3): stated, missing, contradicted.

        claims (b, k, c, 768) and texts (b, t, 768); in_claim (b, k, c) and in_text (b, t) are False for padding.
        """
        batch, count, length, _ = claims.shape
        claims, texts = self.dropout(claims).flatten(1, 2), self.dropout(texts)
        outside = (~in_text).to(texts.dtype)[:, None] * FAR
        likeness = _directions(claims) @ _directions(texts).transpose(1, 2)
        asked = self.asks(claims) @ self.answers(texts).transpose(1, 2) / INNER**0.5
        said = self.means(texts)
        near = (self.temperature * likeness + outside).softmax(-1) @ said
        found = (asked + outside).softmax(-1) @ said
        own = self.means(claims)
        best = (likeness + outside).amax(-1, keepdim=True)
        compared = self.compare(torch.cat([own, near, own - near, own * near, found, own * found], -1))
        compared = (compared + self.likeness(best)).view(batch * count, length, INNER)
        inside = in_claim.reshape(batch * count, length)
        # A claim that is all padding stands for none: it must have something to attend to.
        hidden = self.together(compared, src_key_padding_mask=~(inside | ~inside.any(1, keepdim=True)))
        weights = self.weigh(hidden).masked_fill(~inside[..., None], FAR).softmax(1)
        mean = (hidden * inside[..., None]).sum(1) / inside.sum(1, keepdim=True).clamp(min=1)
        logits: Tensor = self.decide(torch.cat([(hidden * weights).sum(1), mean], -1))
        return logits.view(batch, count, 3)


def _directions(pieces: Tensor) -> Tensor:
    return functional.normalize(pieces[..., LAST_LAYER], dim=-1)


def batch_of(texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return what the network takes: padded claims and texts with their masks.

    Each has room for a piece at least: where all claims or all texts are empty there is padding to look at.
    """
    count = max(len(group) for group in claims)
    length = max([1, *(len(claim) for group in claims for claim in group)])
    padded = torch.zeros(len(texts), count, length, PIECE)
    in_claim = torch.zeros(len(texts), count, length, dtype=torch.bool)
    for row, group in enumerate(claims):
        for column, claim in enumerate(group):
            padded[row, column, : len(claim)] = torch.from_numpy(claim)
            in_claim[row, column, : len(claim)] = True
    lengths = torch.tensor([len(text) for text in texts])
    read = torch.zeros(len(texts), max([1, *lengths.tolist()]), PIECE)
    for row, text in enumerate(texts):
        read[row, : len(text)] = torch.from_numpy(text)
    return padded, in_claim, read, torch.arange(read.shape[1])[None] < lengths[:, None]


class ClaimReader:
    """The trained network, ready to read; trained_on: the names of the questions whose exemplars it has seen.

    Raises OSError when its weights are missing or damaged.
    """

    def __init__(self, weights: Path = WEIGHTS_FILE) -> None:
        self._network = ClaimReaderNetwork()
        try:
            self._network.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
            with safe_open(weights, framework="pt") as file:
                self.trained_on: frozenset[str] = frozenset(json.loads(file.metadata()[TRAINED_ON]))
            self.identity = f"claim-reader@{hash_of(weights.read_bytes())}"
        except Exception as error:  # the file's own library has errors of its own
            raise OSError(f"The claim reader's weights in {weights} are missing or damaged: {error}") from error
        self._network.eval()

    def read(self, texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]) -> list[Verdicts]:
        """Return for each text (t, 768) the log-probabilities (k, 3) of its k claims (c, 768).

        The columns are stated, missing, contradicted.
        """
        return read_with(self._network, texts, claims)


def read_with(
    network: ClaimReaderNetwork, texts: Sequence[Vectors], claims: Sequence[Sequence[Vectors]]
) -> list[Verdicts]:
    """Read with a network in evaluation mode; see ClaimReader.read."""
    order = sorted((i for i in range(len(texts)) if claims[i]), key=lambda i: len(texts[i]))
    verdicts: list[Verdicts] = [np.zeros((0, 3), dtype=np.float32)] * len(texts)
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            logits = network(*batch_of([texts[i] for i in chosen], [claims[i] for i in chosen]))
            logs = functional.log_softmax(logits, dim=-1).numpy()
            for row, i in enumerate(chosen):
                verdicts[i] = logs[row, : len(claims[i])]
    return verdicts


def save(network: ClaimReaderNetwork, path: Path, *, trained_on: Iterable[str]) -> None:
    """Write the weights in half precision, with the names of the questions whose exemplars they were trained on."""
    tensors = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, path, metadata={TRAINED_ON: json.dumps(sorted(trained_on))})
