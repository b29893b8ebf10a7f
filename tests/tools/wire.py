"""A local stand-in for the providers: it keeps every request and answers by a script.

The script is turns, each a list of tool calls, and a last text. Clients believe that they talk to
their provider's own address, on which placement depends; a transport brings them here instead.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

Calls = list[tuple[str, dict[str, Any]]]


@dataclass
class Provider:
    """What was sent, and where to send it.

    Attributes:
        url: Address of the stand-in, on the loopback interface.
        requests: Path and decoded body of each request, in order.
        sizes: Bytes of each body.
    """

    url: str
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        return self.requests[-1][1]


class Redirected(httpx2.HTTPTransport):
    """Brings requests for any address to the stand-in."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.target = httpx2.URL(url)

    def handle_request(self, request: Any) -> Any:
        request.url = request.url.copy_with(
            scheme="http", host=self.target.host, port=self.target.port
        )
        return super().handle_request(request)


class RedirectedAsync(httpx2.AsyncHTTPTransport):
    """The same, for asynchronous clients."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.target = httpx2.URL(url)

    async def handle_async_request(self, request: Any) -> Any:
        request.url = request.url.copy_with(
            scheme="http", host=self.target.host, port=self.target.port
        )
        return await super().handle_async_request(request)


@contextmanager
def serve(turns: Sequence[Calls], answer: str) -> Iterator[Provider]:
    """Serve a script on a free port of the loopback interface."""
    provider = Provider("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            turn = len(provider.requests)
            provider.requests.append((self.path, json.loads(body)))
            provider.sizes.append(len(body))
            calls = turns[turn] if turn < len(turns) else []
            text = "" if calls else answer
            reply = json.dumps(_reply(self.path, turn, calls, text)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(path: str, turn: int, calls: Calls, text: str) -> dict[str, Any]:
    if path.endswith("/chat/completions"):
        return _chat_completion(turn, calls, text)
    if path.endswith("/responses"):
        return _response(turn, calls, text)
    assert path.endswith("/messages"), path
    return _message(turn, calls, text)


def _chat_completion(turn: int, calls: Calls, text: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{turn}_{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(args)},
            }
            for number, (name, args) in enumerate(calls)
        ]
    reason = "tool_calls" if calls else "stop"
    return {
        "id": f"chatcmpl-{turn}",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5.5",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    }


def _response(turn: int, calls: Calls, text: str) -> dict[str, Any]:
    output: list[dict[str, Any]] = [
        {
            "type": "function_call",
            "id": f"fc_{turn}_{number}",
            "call_id": f"call_{turn}_{number}",
            "name": name,
            "arguments": json.dumps(args),
            "status": "completed",
        }
        for number, (name, args) in enumerate(calls)
    ]
    if text:
        part = {"type": "output_text", "text": text, "annotations": []}
        output.append(
            {
                "type": "message",
                "id": f"msg_{turn}",
                "role": "assistant",
                "status": "completed",
                "content": [part],
            }
        )
    return {
        "id": f"resp_{turn}",
        "object": "response",
        "created_at": 1,
        "model": "gpt-5.5",
        "status": "completed",
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 9,
            "output_tokens": 1,
            "total_tokens": 10,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _message(turn: int, calls: Calls, text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [
        {"type": "tool_use", "id": f"toolu_{turn}_{number}", "name": name, "input": args}
        for number, (name, args) in enumerate(calls)
    ]
    if text:
        content.append({"type": "text", "text": text})
    return {
        "id": f"msg_{turn}",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": content,
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }
