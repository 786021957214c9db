"""A claim reader learns what can be learnt, goes on where it was stopped, and sees every example in each epoch."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from tqdm import tqdm

from grading.engine.claim_reader import PIECE, ClaimReaderNetwork, read_with
from grading.engine.encoder import Vectors
from grading.engine.verifier import CONTRADICTED, MISSING, STATED
from grading.training.examples import Example, Twins
from grading.training.fit import BATCH_PIECES, _batches, fit

CLAIMS = 8
SEED = 7
TARGETS = np.eye(3)


def _material() -> tuple[list[Twins], dict[str, Vectors]]:
    """Return examples that can be told apart, and the pieces of their texts and claims.

    A claim is four pieces of its own. The text that states it holds them, turned a little to one side; its twin holds
    them turned to the other side. Each text is also asked about a claim that it does not hold.
    """
    rng = np.random.default_rng(SEED)
    side = rng.standard_normal(PIECE)
    vectors = {f"claim {n}": rng.standard_normal((4, PIECE)) for n in range(CLAIMS)}
    examples: list[Twins] = []
    for n in range(CLAIMS):
        claims = (f"claim {n}", f"claim {(n + 1) % CLAIMS}")
        for name, direction in (("right", 1), ("wrong", -1)):
            noise = rng.standard_normal((int(rng.integers(3, 9)), PIECE))
            vectors[f"{name} {n}"] = np.concatenate([vectors[claims[0]] + direction * side, noise])
        right = Example(f"right {n}", claims, TARGETS[[STATED, MISSING]])
        wrong = Example(f"wrong {n}", claims, TARGETS[[CONTRADICTED, MISSING]])
        examples += [(right, wrong), (right,)]
    return examples, {text: found.astype(np.float16) for text, found in vectors.items()}


EXAMPLES, VECTORS = _material()
ALONE = [one for twins in EXAMPLES for one in twins]


def _network() -> ClaimReaderNetwork:
    torch.manual_seed(SEED)
    return ClaimReaderNetwork()


def _verdicts(network: ClaimReaderNetwork) -> np.ndarray:
    claims = [[VECTORS[claim] for claim in one.claims] for one in ALONE]
    return np.concatenate(read_with(network.eval(), [VECTORS[one.text] for one in ALONE], claims))


def _loss(network: ClaimReaderNetwork) -> float:
    targets = np.concatenate([one.targets for one in ALONE])
    return float(-(targets * _verdicts(network)).sum(axis=1).mean())


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So little is learnt here that sharing it out between threads takes longer, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# --- learning -----------------------------------------------------------------------------------------------


def test_training_lowers_the_loss_until_the_claims_are_told_apart(tmp_path: Path) -> None:
    network = _network()
    before = _loss(network)

    fit(network, [EXAMPLES] * 15, VECTORS, seed=SEED, checkpoint=tmp_path / "checkpoint.pt")

    assert _loss(network) < before / 4
    due = np.concatenate([one.targets for one in ALONE]).argmax(axis=1)
    assert _verdicts(network).argmax(axis=1).tolist() == due.tolist()


def test_training_leaves_a_network_that_reads_the_same_twice(tmp_path: Path) -> None:
    network = _network()

    fit(network, [EXAMPLES], VECTORS, seed=SEED, checkpoint=tmp_path / "checkpoint.pt")

    assert not network.training
    texts, claims = [VECTORS["right 0"]], [[VECTORS["claim 0"]]]
    np.testing.assert_array_equal(read_with(network, texts, claims), read_with(network, texts, claims))


# --- stopping and going on ----------------------------------------------------------------------------------


def _epochs() -> list[list[Twins]]:
    """Return three epochs of which only the later ones hold the last example."""
    return [EXAMPLES[:-2], EXAMPLES, EXAMPLES]


def _fit(network: ClaimReaderNetwork, checkpoint: Path, vectors: dict[str, Vectors] = VECTORS) -> None:
    fit(network, _epochs(), vectors, seed=SEED, checkpoint=checkpoint)


def test_training_that_was_stopped_and_went_on_ends_where_it_would_have_without(tmp_path: Path) -> None:
    through, stopped, went_on = _network(), _network(), _network()
    _fit(through, tmp_path / "through.pt")
    unreadable = {**VECTORS, f"right {CLAIMS - 1}": np.zeros((4, PIECE + 1), dtype=np.float16)}

    with pytest.raises(RuntimeError):  # in the midst of the second epoch
        _fit(stopped, tmp_path / "stopped.pt", unreadable)
    assert torch.load(tmp_path / "stopped.pt", weights_only=True)["epochs"] == 1
    torch.manual_seed(99)  # chance is another after a break
    _fit(went_on, tmp_path / "stopped.pt")

    torch.testing.assert_close(went_on.state_dict(), through.state_dict())


def test_training_that_is_through_only_brings_its_weights_back(tmp_path: Path) -> None:
    trained, again = _network(), ClaimReaderNetwork()
    _fit(trained, tmp_path / "checkpoint.pt")

    _fit(again, tmp_path / "checkpoint.pt")

    torch.testing.assert_close(again.state_dict(), trained.state_dict(), rtol=0, atol=0)


def test_how_fast_it_learns_does_not_depend_on_whether_progress_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, hidden = _network(), _network()
    _fit(shown, tmp_path / "shown.pt")
    monkeypatch.setattr("grading.training.fit.tqdm", partial(tqdm, disable=True))
    _fit(hidden, tmp_path / "hidden.pt")

    torch.testing.assert_close(hidden.state_dict(), shown.state_dict())


# --- batches ------------------------------------------------------------------------------------------------


def _many() -> tuple[list[Twins], dict[str, Vectors]]:
    """Return 120 examples, two thirds of them twins, of 5 to 400 pieces: more than one batch holds."""
    rng = np.random.default_rng(SEED)
    vectors = {"c0": np.zeros((3, PIECE), dtype=np.float16), "c1": np.zeros((5, PIECE), dtype=np.float16)}
    targets = TARGETS[[STATED, CONTRADICTED]], TARGETS[[CONTRADICTED, CONTRADICTED]]
    examples: list[Twins] = []
    for n in range(120):
        length = int(rng.integers(5, 401))
        vectors |= {f"{n} {i}": np.zeros((length, PIECE), dtype=np.float16) for i in range(2)}
        examples.append(tuple(Example(f"{n} {i}", ("c0", "c1"), targets[i]) for i in range(2 if n % 3 else 1)))
    return examples, vectors


MANY, LONG_VECTORS = _many()


def test_batches_hold_every_example_once_and_its_twin_beside_it() -> None:
    batches = _batches(MANY, LONG_VECTORS, np.random.default_rng(SEED))

    assert len(batches) > 3
    assert sum(len(batch.texts) for batch in batches) == sum(map(len, MANY))
    for twins in MANY:
        (batch,) = [batch for batch in batches if twins[0].text in batch.texts]
        start = batch.texts.index(twins[0].text)
        assert batch.texts[start : start + len(twins)] == [one.text for one in twins]


def test_a_batch_is_as_large_as_is_allowed_and_its_texts_are_of_like_length() -> None:
    lengths = [
        [len(LONG_VECTORS[text]) for text in batch.texts]
        for batch in _batches(MANY, LONG_VECTORS, np.random.default_rng(SEED))
    ]

    assert all(sum(of_batch) <= BATCH_PIECES for of_batch in lengths)
    assert all(max(of_batch) - min(of_batch) < 150 for of_batch in lengths)


def test_a_batch_knows_its_targets_and_which_claims_twins_are_at_odds_about() -> None:
    batches = _batches(MANY, LONG_VECTORS, np.random.default_rng(SEED))
    target_of = {one.text: one.targets for twins in MANY for one in twins}

    for batch in batches:
        assert batch.targets.numpy().tolist() == np.concatenate([target_of[text] for text in batch.texts]).tolist()
        # Of the two claims only the first is told otherwise by the twin; each text has two rows.
        twins = [row for row, text in enumerate(batch.texts) if text.endswith(" 1")]
        assert batch.contradicted == [2 * row for row in twins]
        assert batch.stated == [2 * (row - 1) for row in twins]


def test_the_order_of_batches_is_another_in_each_epoch_and_the_same_for_a_seed() -> None:
    first, again, other = (
        [batch.texts for batch in _batches(MANY, LONG_VECTORS, np.random.default_rng((SEED, epoch)))]
        for epoch in (0, 0, 1)
    )

    assert first == again
    assert first != other
