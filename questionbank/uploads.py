"""Keeps files that are too large from being taken in at all."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# The largest file of questions that an import takes.
MAX_UPLOAD = 50 * 1024 * 1024  # bytes
# What the other fields of the form and the boundaries between them may add.
AROUND = 64 * 1024


class LimitedFiles(FileUploadHandler):
    """The first of FILE_UPLOAD_HANDLERS. Raises RequestDataTooBig before the body is read, where it says its size."""

    received = 0

    def handle_raw_input(self, _data: Any, _meta: Any, content_length: int, *_more: Any) -> None:
        if content_length > MAX_UPLOAD + AROUND:
            raise RequestDataTooBig(too_large(content_length))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 (Django's signature)
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD:
            for handler in self.request.upload_handlers if self.request else ():
                handler.upload_interrupted()  # drops what it has of the file
            raise RequestDataTooBig(too_large(self.received))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers after this one."""


def too_large(size: int) -> str:
    """Return what is said of so many bytes."""
    megabytes, most = (count / 1024 / 1024 for count in (size, MAX_UPLOAD))
    return f"The file has {megabytes:.0f} MB; {most:.0f} MB are the most that can be imported."
