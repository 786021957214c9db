"""Questions and their insert-only versions, topics, tracks; packs/ holds the content, formats/ reads and writes it."""
