"""Check that a text names nobody and leads nowhere: reserved addresses and names only, no existing organization."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from trialplate.sandbox.scenario import RANGES

_ADDRESS: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_NAME: Final = re.compile(
    r"(?<![\w.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|gov|edu|mil|eu|uk|de)(?![\w(]|\.\w)",
    re.IGNORECASE,
)
_RESERVED: Final = re.compile(r"(?:^|\.)example(?:\.(?:com|net|org))?$", re.IGNORECASE)  # RFC 2606, RFC 6761
_MADE_FOR_NOBODY: Final = ("0.0.0.0", "255.255.255.255")  # noqa: S104 - compared with, never bound
_KNOWN: Final = re.compile(
    r"\b(?:amazon|aws|azure|google|gcp|microsoft|apple|facebook|openai|anthropic|cisco|oracle corp|siemens|github|"
    r"gitlab|cloudflare|okta|salesforce|paypal|citibank|jpmorgan|nhs|pentagon|fbi|nsa|cia)\b",
    re.IGNORECASE,
)


def faults(text: str) -> Iterator[str]:
    """Yield what a text should not say: addresses and names that may be somebody's, and organizations that exist."""
    for match in _ADDRESS.finditer(text):
        if not _is_reserved_address(match[0]):
            yield f"the address {match[0]}"
    for match in _NAME.finditer(text):
        if not _RESERVED.search(match[0]):
            yield f"the name {match[0]}"
    for match in _KNOWN.finditer(text):
        yield f"the organization {match[0]}"


def _is_reserved_address(text: str) -> bool:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return True  # Four numbers that are no address: a version.
    return address.is_loopback or text in _MADE_FOR_NOBODY or any(address in network for network in RANGES)
