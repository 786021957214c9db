"""How the claim reader computes, with weights drawn by chance: what it has learnt is measured elsewhere."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grading.engine.claim_reader import BATCH, PIECE, ClaimReader, ClaimReaderNetwork, batch_of, read_with, save
from grading.engine.encoder import Vectors
from grading.engine.verifier import Verdicts, hash_of

# What the company of others moves: rounding.
ROUNDING = 1e-4
RNG = np.random.default_rng(11)


def _network(seed: int = 5) -> ClaimReaderNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ClaimReaderNetwork().eval()


NETWORK = _network()


def _pieces(count: int) -> Vectors:
    return RNG.standard_normal((count, PIECE)).astype(np.float32)


TEXT, OTHER = _pieces(30), _pieces(9)
CLAIMS = [_pieces(count) for count in (7, 12, 1, 5)]


def _read(text: Vectors, claims: list[Vectors]) -> Verdicts:
    (verdicts,) = read_with(NETWORK, [text], [claims])
    return verdicts


# --- Verdicts -----------------------------------------------------------------------------------------------


def test_verdicts_are_log_probabilities_one_row_a_claim() -> None:
    verdicts = _read(TEXT, CLAIMS)

    assert (verdicts.shape, verdicts.dtype) == ((4, 3), np.float32)
    assert np.exp(verdicts).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_another_claim_or_another_text_is_another_verdict() -> None:
    verdicts = [_read(TEXT, CLAIMS[:1]), _read(TEXT, CLAIMS[1:2]), _read(OTHER, CLAIMS[:1])]

    assert all(np.abs(verdicts[i] - verdicts[j]).max() > 0.01 for i, j in ((0, 1), (0, 2), (1, 2)))


def test_the_same_in_gives_the_same_out() -> None:
    assert (_read(TEXT, CLAIMS) == _read(TEXT, CLAIMS)).all()


# --- In any company -----------------------------------------------------------------------------------------


def test_the_order_of_claims_does_not_matter() -> None:
    assert _read(TEXT, CLAIMS[::-1])[::-1] == pytest.approx(_read(TEXT, CLAIMS), abs=ROUNDING)


def test_a_claim_alone_is_read_as_among_others() -> None:
    together = _read(TEXT, CLAIMS)

    for number, claim in enumerate(CLAIMS):
        assert _read(TEXT, [claim]) == pytest.approx(together[number : number + 1], abs=ROUNDING)


def test_a_text_alone_is_read_as_among_others() -> None:
    """More texts than are read at a time, of all lengths and with different numbers of claims."""
    texts = [_pieces(count % 7 * 5 + 1) for count in range(BATCH + 3)]
    claims = [[_pieces(3 + (number + k) % 5) for k in range(number % 3)] for number in range(len(texts))]

    together = read_with(NETWORK, texts, claims)

    assert [len(verdicts) for verdicts in together] == [len(group) for group in claims]
    for text, group, verdicts in zip(texts, claims, together, strict=True):
        assert verdicts == pytest.approx(_read(text, group), abs=ROUNDING)


def test_the_order_of_texts_does_not_matter() -> None:
    texts, claims = [TEXT, OTHER, _pieces(3)], [CLAIMS[:2], CLAIMS[2:], CLAIMS]

    forwards, backwards = read_with(NETWORK, texts, claims), read_with(NETWORK, texts[::-1], claims[::-1])[::-1]

    for one, other in zip(forwards, backwards, strict=True):
        assert one == pytest.approx(other, abs=ROUNDING)


def test_what_stands_in_the_padding_does_not_matter() -> None:
    claims, in_claim, texts, in_text = batch_of([TEXT, OTHER], [CLAIMS[:1], CLAIMS])
    with torch.inference_mode():
        clean = NETWORK(claims, in_claim, texts, in_text)
        claims[~in_claim] = 7.0
        texts[~in_text] = -3.0
        dirty = NETWORK(claims, in_claim, texts, in_text)

    asked = in_claim.any(-1)
    assert int(asked.sum()) == 5
    assert clean[asked].numpy() == pytest.approx(dirty[asked].numpy(), abs=ROUNDING)


def test_a_batch_holds_its_texts_and_claims_and_marks_the_padding() -> None:
    claims, in_claim, texts, in_text = batch_of([TEXT, OTHER.astype(np.float16)], [CLAIMS[:1], CLAIMS])

    assert (claims.shape, texts.shape) == ((2, 4, 12, PIECE), (2, 30, PIECE))
    assert in_text.sum(-1).tolist() == [30, 9]
    assert in_claim.sum(-1).tolist() == [[7, 0, 0, 0], [7, 12, 1, 5]]
    assert texts.dtype == torch.float32
    assert np.array_equal(texts[0], TEXT)
    assert np.array_equal(claims[1, 3, :5], CLAIMS[3])
    assert float(claims[~in_claim].abs().sum() + texts[~in_text].abs().sum()) == 0


# --- Nothing to read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "claim"), [(0, 5), (5, 0), (0, 0)])
def test_an_empty_text_or_claim_has_a_verdict_and_the_same_in_any_company(text: int, claim: int) -> None:
    read, asked = _pieces(text), _pieces(claim)

    alone = _read(read, [asked])
    among, _ = read_with(NETWORK, [read, TEXT], [[asked], CLAIMS])

    assert np.isfinite(alone).all()
    assert alone == pytest.approx(among, abs=ROUNDING)


def test_no_claims_have_no_verdicts_and_no_texts_nothing() -> None:
    assert _read(TEXT, []).shape == (0, 3)
    assert [verdicts.shape for verdicts in read_with(NETWORK, [TEXT, OTHER], [[], CLAIMS])] == [(0, 3), (4, 3)]
    assert read_with(NETWORK, [], []) == []


# --- Weights ------------------------------------------------------------------------------------------------


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "claim_reader.safetensors"
    save(NETWORK, path, trained_on=["b", "a"])
    return path


def test_weights_saved_and_loaded_again_read_the_same_within_half_precision(weights: Path) -> None:
    loaded = ClaimReader(weights)

    (verdicts,) = loaded.read([TEXT], [CLAIMS])

    assert verdicts == pytest.approx(_read(TEXT, CLAIMS), abs=0.01)
    halved = _network()
    halved.load_state_dict({name: tensor.half().float() for name, tensor in NETWORK.state_dict().items()})
    assert verdicts == pytest.approx(read_with(halved, [TEXT], [CLAIMS])[0], abs=ROUNDING)


def test_a_loaded_network_drops_nothing_out(weights: Path) -> None:
    loaded = ClaimReader(weights)

    one, two = (loaded.read([TEXT], [CLAIMS])[0] for _ in range(2))

    assert (one == two).all()


def test_the_weights_name_what_they_were_trained_on(weights: Path) -> None:
    assert ClaimReader(weights).trained_on == {"a", "b"}


def test_the_identity_names_the_weights(weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save(_network(seed=6), other, trained_on=[])

    assert ClaimReader(weights).identity == f"claim-reader@{hash_of(weights.read_bytes())}"
    assert ClaimReader(weights).identity != ClaimReader(other).identity


def _refused(path: Path) -> None:
    with pytest.raises(OSError, match="claim reader's weights") as error:
        ClaimReader(path)

    assert str(path) in str(error.value)


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    _refused(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize("kept", [0, 4, 200, -1])
def test_damaged_weights_are_named(weights: Path, kept: int) -> None:
    os.truncate(weights, kept if kept >= 0 else weights.stat().st_size + kept)

    _refused(weights)


def test_a_file_of_another_kind_is_named(weights: Path) -> None:
    weights.write_text('{"coverage": {}}', encoding="utf-8")

    _refused(weights)


@pytest.mark.parametrize("change", ["missing", "unknown", "shape"])
def test_the_weights_of_another_network_are_named(weights: Path, change: str) -> None:
    state = {name: tensor.clone() for name, tensor in NETWORK.state_dict().items()}
    if change == "unknown":
        state["another"] = torch.zeros(3)
    else:
        bias = state.pop("weigh.bias")
        if change == "shape":
            state["weigh.bias"] = torch.cat([bias, bias])
    save_file(state, weights)

    _refused(weights)
