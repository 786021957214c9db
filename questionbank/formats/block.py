"""A question as a block of letters and digits, to lie inside formats that have no room for key points.

    greenroom-question-1:<base64 of the zlib-compressed JSON of the pack format>:end

Letters and digits survive the editors and filters that a text passes in other programs; where they did not, zlib
notices.
"""

import base64
import binascii
import json
import re
import zlib
from typing import Any

from questionbank.formats.limits import MAX_BLOCK
from questionbank.formats.pack import PackQuestion, raw_question

VERSION = 1
_BLOCK = re.compile("greenroom-question-([0-9]{1,6}):([A-Za-z0-9+/=]*):end")
_BEGINNING = "greenroom-question-"


class BlockTrouble(Exception):
    """There is a block but it cannot be read; the message says why."""


def block_of(question: PackQuestion) -> str:
    """Return the block that says all that question says."""
    raw = json.dumps(raw_question(question), separators=(",", ":")).encode()
    return f"{_BEGINNING}{VERSION}:{base64.b64encode(zlib.compress(raw)).decode()}:end"


def find_block(text: str) -> dict[str, Any] | None:
    """Return the unchecked question of the block in text, HTML or not; None without one. Raises BlockTrouble."""
    if _BEGINNING not in text:
        return None
    blocks = list(_BLOCK.finditer(re.sub(r"<[^<>]*>|\s+", "", text))) if len(text) <= MAX_BLOCK else []
    if not blocks:
        raise BlockTrouble("Greenroom's block is cut off. Export the question from Greenroom again")
    found = blocks[-1]  # an answer before it may look like one
    if int(found[1]) != VERSION:
        raise BlockTrouble(f"Greenroom's block has version {found[1]}; this Greenroom reads version {VERSION}")
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(found[2], validate=True), MAX_BLOCK)
        raw = json.loads(data) if unpacking.eof else None
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise BlockTrouble("Greenroom's block was changed. Export the question from Greenroom again") from error
    if not isinstance(raw, dict):
        raise BlockTrouble("Greenroom's block holds no question")
    return raw
