"""An authenticator app."""

import base64
import hmac
import struct
import time


def code_of(seed: str, *, steps: int = 0) -> str:
    """Return the six digits that an app shows which holds seed (RFC 6238), steps half minutes from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(seed), counter, "sha1").digest()
    start = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"
