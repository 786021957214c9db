"""Trains a claim reader on examples whose texts are encoded once: the encoder itself does not learn."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from grading.engine.claim_reader import ClaimReaderNetwork, batch_of
from grading.engine.encoder import Vectors
from grading.engine.verifier import CONTRADICTED, STATED
from grading.training.examples import Twins

LEARNING_RATE = 1e-3
WARM_UP = 0.03
DECAY = 0.7
WEIGHT_DECAY = 0.05
# How much a batch holds: pieces of its texts, and beside each text some for its claims.
BATCH_PIECES = 3000
CLAIM_PIECES = 30
SHOWN_LOSSES = 50


def fit(
    network: ClaimReaderNetwork,
    epochs: Sequence[Sequence[Twins]],
    vectors: Mapping[str, Vectors],
    *,
    seed: int,
    checkpoint: Path,
    device: str = "cpu",
) -> None:
    """Train network in place by AdamW. epochs: the examples of each; vectors: the pieces of all texts and claims.

    The loss is the cross-entropy of each claim, and for twins one more: that the twin which states a claim leans more
    to "stated" than the one which contradicts it. After each epoch all is written to checkpoint; where that exists,
    training goes on from it. Each epoch has a seed of its own, so going on changes nothing.
    """
    network.to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    first = _resume(network, optimiser, checkpoint, device)
    batches = [_batches(examples, vectors, np.random.default_rng((seed, n))) for n, examples in enumerate(epochs)]
    begins = np.cumsum([0, *(len(of_epoch) for of_epoch in batches)]).tolist()
    losses: deque[float] = deque(maxlen=SHOWN_LOSSES)
    with tqdm(total=begins[-1], initial=begins[min(first, len(batches))], desc="training") as bar:
        for number, of_epoch in enumerate(batches[first:], first):
            torch.manual_seed(seed + number)
            for step, batch in enumerate(of_epoch, begins[number]):
                _set_rate(optimiser, step / begins[-1])
                loss = _loss(network, batch, vectors, device)
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimiser.step()
                losses.append(loss.item())
                bar.set_postfix(epoch=number + 1, loss=f"{np.mean(losses):.3f}", refresh=False)
                bar.update()
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "epochs": number + 1}
            torch.save(state, checkpoint)
    network.to("cpu").eval()


def _resume(network: ClaimReaderNetwork, optimiser: torch.optim.Optimizer, checkpoint: Path, device: str) -> int:
    """Load checkpoint where there is one; return how many epochs are behind."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, map_location=device, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["epochs"])


def _set_rate(optimiser: torch.optim.Optimizer, done: float) -> None:
    """done: the share of all steps that is behind."""
    factor = min(1.0, (done + 1e-3) / WARM_UP, (1 - done) / DECAY)
    for group in optimiser.param_groups:
        group["lr"] = LEARNING_RATE * max(factor, 0.02)


@dataclass(frozen=True)
class TrainingBatch:
    """Texts of like length with their claims, the targets (n, 3) of all n claims, and which claims are twins.

    stated and contradicted (m,): the claims which one twin states and the other, at the same place, contradicts.
    """

    texts: list[str]
    claims: list[tuple[str, ...]]
    targets: Tensor
    stated: list[int]
    contradicted: list[int]


def _loss(network: ClaimReaderNetwork, batch: TrainingBatch, vectors: Mapping[str, Vectors], device: str) -> Tensor:
    read = batch_of(
        [vectors[text] for text in batch.texts], [[vectors[claim] for claim in group] for group in batch.claims]
    )
    logits = network(*(part.to(device) for part in read))
    asked = torch.cat([row[: len(group)] for row, group in zip(logits, batch.claims, strict=True)])
    logs = functional.log_softmax(asked, dim=1)
    loss = -(batch.targets.to(device) * logs).sum(1).mean()
    if batch.stated:
        leaning = logs[:, STATED] - logs[:, CONTRADICTED]
        loss = loss + functional.softplus(leaning[batch.contradicted] - leaning[batch.stated]).mean()
    return loss


def _batches(
    examples: Sequence[Twins], vectors: Mapping[str, Vectors], rng: np.random.Generator
) -> list[TrainingBatch]:
    """Cut examples into batches of like length, in random order; twins stay together."""
    lengths = [sum(len(vectors[one.text]) + CLAIM_PIECES for one in twins) for twins in examples]
    by_length = sorted(range(len(examples)), key=lambda i: lengths[i] / len(examples[i]) * rng.uniform(0.9, 1.1))
    batches: list[list[Twins]] = []
    size = 0
    for index in by_length:
        size += lengths[index]
        if not batches or size > BATCH_PIECES:
            batches.append([])
            size = lengths[index]
        batches[-1].append(examples[index])
    return [_batch(batches[i]) for i in rng.permutation(len(batches))]


def _batch(group: Sequence[Twins]) -> TrainingBatch:
    stated: list[int] = []
    contradicted: list[int] = []
    begin = 0
    for twins in group:
        count = len(twins[0].claims)
        if len(twins) == 2:
            for claim, (one, other) in enumerate(zip(twins[0].targets, twins[1].targets, strict=True)):
                verdicts = [int(one.argmax()), int(other.argmax())]
                if sorted(verdicts) == [STATED, CONTRADICTED]:
                    places = [begin + claim, begin + count + claim]
                    stated.append(places[verdicts.index(STATED)])
                    contradicted.append(places[verdicts.index(CONTRADICTED)])
        begin += count * len(twins)
    alone = [example for twins in group for example in twins]
    return TrainingBatch(
        [example.text for example in alone],
        [example.claims for example in alone],
        torch.tensor(np.concatenate([example.targets for example in alone]), dtype=torch.float32),
        stated,
        contradicted,
    )
