"""A dataset whose files are public, on a server that misbehaves as it is told."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from faultboard.data.edition import Edition
from faultboard.data.raw.fetch import fetch, order
from faultboard.data.raw.verify import compare
from faultboard.declare.catalogue import Catalogue
from support.toy import FILES

FIRST = "shaft0_load0.npy"
ADDRESS = "https://raw.githubusercontent.com/{place}/{path}"
CUT = """

def half(content):
    return content[: len(content) // 2]
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Source:
    """A server on this machine that holds the toy files below ``/odd @&name``, and misbehaves as it is told."""

    def __init__(self, server: HTTPServer, root: Path, contents: dict[str, bytes]) -> None:
        self.root, self.contents = root, contents
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.raw: list[str] = []
        self.misbehave: Callable[[str, int, Request], Response | None] = lambda name, time, request: None
        self.url = server.url_for("")
        for name in contents:
            server.expect_request(f"/odd @&name/{name}").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self.asked[name] += 1
        self.raw.append(request.environ["RAW_URI"])
        if "Range" in request.headers:
            self.ranges.append(request.headers["Range"])
        return self.misbehave(name, self.asked[name], request) or self.whole(name, request)

    def whole(self, name: str, request: Request) -> Response:
        """The file, or the rest of it that was asked for."""
        content = self.contents[name]
        if "Range" not in request.headers:
            return Response(content)
        start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            return Response("", 416)
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Response(content[start:], 206, {"Content-Range": span})

    def dropped(self, name: str, count: int) -> Response:
        """The first bytes of a file, after which the connection ends."""
        answer = Response(self.contents[name][:count])
        answer.headers["Content-Length"] = str(len(self.contents[name]))
        return answer

    def only_first(self, answer: Callable[[str, Request], Response], times: int = 1) -> None:
        """Misbehave for the first file alone, a number of times."""
        self.misbehave = lambda name, time, request: answer(name, request) if name == FIRST and time <= times else None


def edition(root: Path, text: str) -> None:
    (root / "datasets/toy.yaml").write_text(
        FILES["datasets/toy.yaml"].lstrip() + text.replace("EXPECT", "expect: {recordings: 12}")
    )


def get(source: Source, again: bool = False, name: str = "full") -> Path:
    wanted = order(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), name), again)
    assert wanted is not None
    return fetch(wanted, lambda count: None)


def faults(source: Source, name: str = "full") -> dict[str, str]:
    found = compare(Edition(source.root, Catalogue(source.root, source.root).dataset("toy"), name))
    return {f["file"]: f["fault"] for f in found}


def left(source: Source) -> list[str]:
    """What lies beside the raw folders."""
    return sorted(p.name for p in (source.root / "data/raw").iterdir() if p.name.startswith(".toy@full"))
