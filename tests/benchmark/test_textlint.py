"""Texts name nobody."""

from __future__ import annotations

import pytest

from trialplate.benchmark.textlint import faults


@pytest.mark.parametrize(
    "text",
    [
        "Ask 192.0.2.7 or 198.51.100.255, not 127.0.0.1 or 0.0.0.0.",
        "See http://files.example/ and mail.example.org.",
        "Version 1.2.3.4567 of 2026.11.23",
        "x = self.net.send(row.com_port)",
        "The pineapple oracle of Azurea",
    ],
)
def test_reserved_names_and_addresses_pass(text: str) -> None:
    assert list(faults(text)) == []


@pytest.mark.parametrize(
    "text, fault",
    [
        ("Ask 10.0.0.1.", "the address 10.0.0.1"),
        ("http://169.254.169.254/latest", "the address 169.254.169.254"),
        ("8.8.8.8:53", "the address 8.8.8.8"),
        ("See www.trial-plate.org.", "the name www.trial-plate.org"),
        ("admin@bank.com", "the name bank.com"),
        ("notexample.com", "the name notexample.com"),
        ("Upload it to AWS.", "the organization AWS"),
        ("a google search", "the organization google"),
    ],
)
def test_what_may_be_somebodys_is_named(text: str, fault: str) -> None:
    assert fault in list(faults(text))
