"""How much a table may hold. Whatever is over a limit is refused before any work is done on it."""

MAX_FOREIGN = 0.3  # share of characters beyond ASCII to letters up to which a text may be Windows-1252
MAX_ROWS = 100_000  # empty ones included: a sheet can claim a million of them
MAX_COLUMNS = 2_000
HEADER_WITHIN = 100  # rows

# XLSX files are ZIP archives
MAX_UNPACKED = 128 * 1024 * 1024  # bytes that all parts together say they unpack to
MAX_RATIO = 100  # a part of more than a megabyte may not unpack to more than this many times its size
MAX_PARTS = 500

# What Excel has room for
MAX_EXCEL_CELL = 32_767  # characters; openpyxl would cut silently
MAX_EXCEL_ROWS = 1_048_576
