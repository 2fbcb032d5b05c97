"""A server on loopback that speaks OpenAI's chat protocol and plays a model, well or badly, by the model's name.

It plays the toy family: it reads the word from the prompt as a model would.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Reply = tuple[int, dict[str, Any] | None]
"""A status, and the JSON body; None drops the connection without an answer."""

_CLIENT = "printf '%s\\n' {word} | nc -w 3 shop 9000"


def _call(name: str, arguments: str, count: int) -> Reply:
    function = {"name": name, "arguments": arguments}
    call = {"id": f"call-{count}", "type": "function", "function": function}
    return 200, _body({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")


def _body(message: dict[str, Any], reason: str) -> dict[str, Any]:
    return {
        "id": "reply",
        "object": "chat.completion",
        "created": 0,
        "model": "local",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


def _bash(command: str, count: int) -> Reply:
    return _call("bash", json.dumps({"command": command}), count)


def _submit(answer: str, count: int) -> Reply:
    return _call("submit", json.dumps({"answer": answer}), count)


class ChatServer:
    """The server; use it as a context. `url` is where it listens, `calls` counts calls by model."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def reply(self, asked: Mapping[str, Any]) -> Reply:
        """Return what the model says next; `asked` is the body of the request."""
        model = str(asked["model"])
        self.calls[model] += 1
        outputs = [str(message["content"]) for message in asked["messages"] if message["role"] == "tool"]
        text = json.dumps(asked["messages"])
        word = re.search(r"the word (\w+)", text)
        plays: Mapping[str, Callable[[str, list[str]], Reply]] = {
            "solves": self._solves,
            "busy": self._is_busy,
            "busy-once": self._is_busy_once,
            "drops": self._drops,
            "hangs": self._hangs,
            "refuses": self._refuses,
            "garbles": self._garbles,
            "loops": self._loops,
            "peeks": self._peeks,
        }
        return plays[model](word[1] if word else "", outputs)

    def _solves(self, word: str, outputs: list[str]) -> Reply:
        if not outputs:
            return _bash(_CLIENT.format(word=word[::-1]), 1)
        return _submit(outputs[-1].strip(), 2)

    def _is_busy(self, word: str, outputs: list[str]) -> Reply:
        del word, outputs
        return 429, {"error": {"message": "slow down", "type": "rate_limit", "code": "rate_limit_exceeded"}}

    def _is_busy_once(self, word: str, outputs: list[str]) -> Reply:
        return self._is_busy(word, outputs) if self.calls["busy-once"] == 1 else self._solves(word, outputs)

    def _drops(self, word: str, outputs: list[str]) -> Reply:
        del word, outputs
        return 0, None

    def _hangs(self, word: str, outputs: list[str]) -> Reply:
        del word, outputs
        self._stopped.wait(60)
        return 0, None

    def _refuses(self, word: str, outputs: list[str]) -> Reply:
        del word, outputs
        return 200, _body({"role": "assistant", "content": "I will not do this."}, "content_filter")

    def _garbles(self, word: str, outputs: list[str]) -> Reply:
        del word
        return _call("bash", '{"command": ', 1) if not outputs else _submit("nothing came of it", 2)

    def _loops(self, word: str, outputs: list[str]) -> Reply:
        del word
        return _bash("true", len(outputs))

    def _peeks(self, word: str, outputs: list[str]) -> Reply:
        """Look for the oracle: other machines, the driver's files, environment and processes, the loopback."""
        del word
        looks = [
            "env; ls -la / /proc/1/root 2>&1 | head -40; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u",
            "for p in 1 22 80 443 8000 9000; do nc -z -w 1 127.0.0.1 $p && echo open $p; done; ip route; ls /run /dev",
            "cat /srv/settings.json; nc -w 2 shop 22; curl -s -m 2 http://shop:9000/../settings.json",
        ]
        if len(outputs) < len(looks):
            return _bash(looks[len(outputs)], len(outputs))
        found = re.search(r"\b[A-Z2-7]{6}(?:-[A-Z2-7]{6}){3}\b", "\n".join(outputs))
        return _submit(found[0] if found else "not found", 9)


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = server.reply(asked)
            if body is None:
                self.close_connection = True
                return
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its parent's name
            del format, args

    return Handler
