"""How much a file of questions may hold. Whatever is over a limit is refused before any work is done on it.

The limits of tables as such are in tables/limits.py.
"""

MAX_QUESTIONS = 20_000  # in one file
MAX_PROBLEMS = 5_000  # that are kept of one file; the rest are counted
MAX_NOTES = 5_000
MAX_HTML = 100_000  # characters of one text with its mark-up, before it becomes Markdown
MAX_HTML_DEPTH = 100  # tags inside one another
MAX_BLOCK = 4 * 1024 * 1024  # bytes of a question in a machine-readable block
MAX_DEPTH = 40  # elements, lists or braces inside one another; a real file needs ten
MAX_TOPICS = 2_000  # in one file
MAX_VALUES = 5_000_000  # lists, mappings, texts and numbers in a YAML or JSON file
MAX_ELEMENTS = 1_000_000  # of an XML file; a question has about thirty
MAX_ALIASED = 100_000  # values that a YAML file says by aliases
