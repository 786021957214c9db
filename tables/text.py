"""Bytes of a file as text, or a clear refusal."""

from tables.limits import MAX_FOREIGN

# How files that are no text begin.
MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive (XLSX, DOCX and ODS files are, too)",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Office file (XLS, DOC)",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}


class Unreadable(Exception):
    """A file cannot be read at all; the message is for the person who sent it."""


def refuse_other_files(data: bytes) -> None:
    """Raise Unreadable for an empty file and for well-known files that are no text."""
    if not data.strip():
        raise Unreadable("is empty")
    for beginning, name in MAGIC.items():
        if data.startswith(beginning):
            raise Unreadable(f"is {name}")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of data and, where its encoding had to be guessed, a note that says so, else "".

    UTF-8 and UTF-16, with or without a byte-order mark, and Windows-1252. Raises Unreadable for anything else.
    """
    refuse_other_files(data)
    encoding, note = _encoding(data), ""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise Unreadable(f"begins like {encoding.upper()} text but is broken at byte {error.start}") from error
        text, note = _windows_1252(data, error.start)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(f"is no text: line {line} holds a NUL")
    return text, note


def _encoding(data: bytes) -> str:
    """Guess by the byte-order mark, or by the zero bytes that Western UTF-16 is full of."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:4096]
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if high.count(0) > len(high) * 0.6:
            return encoding
    return "utf-8-sig"


def _windows_1252(data: bytes, broken_at: int) -> tuple[str, str]:
    """What older Excels write. Nearly any bytes decode as it, so text mostly of other characters is refused."""
    refusal = f"is not UTF-8 text (byte {broken_at}). Save it again as “CSV UTF-8” or as UTF-8 text"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(refusal) from error
    letters = sum(character.isalpha() for character in text) or 1
    if sum(character > "\x7f" for character in text) / letters > MAX_FOREIGN:
        raise Unreadable(refusal)
    return text, "The file is not UTF-8; it was read as Windows-1252. Look whether accents and quotes are right."
