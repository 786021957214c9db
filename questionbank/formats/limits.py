"""How much a file of questions may hold. Whatever is over a limit is refused before any work is done on it."""

MAX_QUESTIONS = 20_000  # in one file
MAX_PROBLEMS = 5_000  # that are kept of one file; the rest are counted
MAX_NOTES = 5_000
MAX_HTML = 100_000  # characters of one text with its mark-up, before it becomes Markdown
MAX_FOREIGN = 0.3  # share of characters beyond ASCII to letters up to which a text may be Windows-1252
MAX_HTML_DEPTH = 100  # tags inside one another
MAX_BLOCK = 4 * 1024 * 1024  # bytes of a question in a machine-readable block
MAX_DEPTH = 40  # elements, lists or braces inside one another; a real file needs ten
MAX_TOPICS = 2_000  # in one file
MAX_VALUES = 5_000_000  # lists, mappings, texts and numbers in a YAML or JSON file
MAX_ELEMENTS = 1_000_000  # of an XML file; a question has about thirty
MAX_ALIASED = 100_000  # values that a YAML file says by aliases

# Tables
MAX_ROWS = 100_000  # empty ones included: a sheet can claim a million of them
MAX_COLUMNS = 2_000
HEADER_WITHIN = 100  # rows
MAX_CELL = 131_072  # characters: the csv module's own limit

# XLSX files are ZIP archives
MAX_UNPACKED = 128 * 1024 * 1024  # bytes that all parts together say they unpack to
MAX_RATIO = 100  # a part of more than a megabyte may not unpack to more than this many times its size
MAX_PARTS = 500
