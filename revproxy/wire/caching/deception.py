"""
Web cache deception (Omer Gil, 2017; Mirheidari et al., USENIX Security 2020): a page
of one user's under the name of a static file.

A server that takes C{/account/x.css} for C{/account} would fill a cache with private
pages, if nothing but the name or a heuristic spoke for keeping them.
"""

from __future__ import annotations

from typing import Final

_STATIC: Final = frozenset(
    b"7z avif bmp bz2 class css csv doc docx eot eps exe flac gif gz ico ics jar jpeg jpg js m4a m4v map"
    b" mid mjs mkv mov mp3 mp4 mpg ogg opus otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff"
    b" ttf wasm wav webm webmanifest webp woff woff2 xls xlsx zip zst".split()
)
_HTML: Final = frozenset((b"application/xhtml+xml", b"text/html"))
_WRITTEN_IN_JSON: Final = frozenset((b"map", b"webmanifest"))


def is_disguised(path: bytes, content_type: bytes | None) -> bool:
    """
    Tell whether a response has the name of a static file and is a page, or data for
    one.

    @param path: the canonical path.
    """
    dot = path.rfind(b".")
    if content_type is None or dot <= path.rfind(b"/"):
        return False
    extension = path[dot + 1 :].lower()
    if extension not in _STATIC:
        return False
    media_type = content_type.partition(b";")[0].strip(b"\t ").lower()
    if media_type == b"application/json" or media_type.endswith(b"+json"):
        return extension not in _WRITTEN_IN_JSON
    return media_type in _HTML
