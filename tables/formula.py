"""Keeps text from being taken for a formula (ASVS 5.0, 1.2.10). What is written so is read back as it was."""

# Spreadsheets calculate a cell that begins so. Excel takes the full-width signs for the narrow ones in some languages.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARDED = ("'", *FORMULA, "\0", "\n", "＝", "＋", "－", "＠")


def guarded(cell: str) -> str:
    """Return the cell as it is written: an apostrophe before what could be a formula, and before an apostrophe."""
    return f"'{cell}" if cell.startswith(GUARDED) else cell


def unguarded(cell: str) -> str:
    """Undo guarded. Other apostrophes stay."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell
