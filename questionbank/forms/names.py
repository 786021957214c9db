"""Names of parts, made of what they say; and lists that are written one a line."""

from django.utils.text import slugify


def short_name(text: str, *, words: int = 6, length: int = 56) -> str:
    """Return the first words of text as a name that packs take, or "" when no letter of it is left."""
    return "-".join(slugify(text.replace("_", " ")).split("-")[:words])[:length].strip("-")


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of text that are not blank."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def one_line(text: str) -> str:
    """Return text as a line of those fields that hold one wording a line."""
    return " ".join(text.splitlines()) if "\n" in text else text


def unique_slugs(named: list[tuple[str, str]]) -> list[str]:
    """Return the name of each (name, text): the one it has, else one made of the text; no two alike."""
    kept = {name for name, _ in named}
    slugs: list[str] = []
    for name, text in named:
        base = short_name(text) or "point"
        slug = name or base
        number = 2
        while slug in slugs or (not name and slug in kept):
            slug = f"{base}-{number}"
            number += 1
        slugs.append(slug)
    return slugs
