"""What whitenoise adds to every static file that it sends."""

import os
from wsgiref.headers import Headers


def weak_validator(headers: Headers, path: str, url: str) -> None:
    """Name a file by moment and size as whitenoise does, but weakly: it sends plain and packed bytes under one name."""
    file = os.stat(path)
    headers["ETag"] = f'W/"{int(file.st_mtime):x}-{file.st_size:x}"'
