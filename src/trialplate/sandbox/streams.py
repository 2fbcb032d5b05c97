"""Collect what a command prints, without ever holding more than a limit of it."""

from __future__ import annotations

import asyncio
import os
from collections import deque

_CHUNK = 1 << 18


class Collector:
    """Reads one pipe as it fills and keeps the newest `limit` bytes; the rest is counted and dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: deque[bytes] = deque()
        self._held = 0
        self.total = 0
        self._loop = asyncio.get_running_loop()
        self._reader, self.writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._reader, False)
        self._loop.add_reader(self._reader, self._read)

    @property
    def truncated(self) -> bool:
        """Say whether anything was dropped."""
        return self.total > self._limit

    def _read(self) -> bool:
        """Take one chunk; return False when there is none now."""
        try:
            part = os.read(self._reader, _CHUNK)
        except BlockingIOError:
            return False
        if not part:
            self._loop.remove_reader(self._reader)
            return False
        self.total += len(part)
        self._kept.append(part)
        self._held += len(part)
        while self._held - len(self._kept[0]) >= self._limit:
            self._held -= len(self._kept.popleft())
        return True

    def hand_over(self) -> None:
        """Close our own copy of the writing end, once the command has its own."""
        os.close(self.writer)
        self.writer = -1

    def content(self) -> bytes:
        """Return the newest `limit` bytes so far."""
        whole = b"".join(self._kept)
        return whole[max(0, len(whole) - self._limit) :]

    def finish(self) -> bytes:
        """Take what is there without waiting for an end (a child in the background may hold it open), and close."""
        budget = self._limit // _CHUNK + 64
        while budget and self._read():
            budget -= 1
        self.close()
        return self.content()

    def close(self) -> None:
        """Stop reading."""
        if self._reader >= 0:
            self._loop.remove_reader(self._reader)
            os.close(self._reader)
            self._reader = -1
        if self.writer >= 0:
            self.hand_over()
