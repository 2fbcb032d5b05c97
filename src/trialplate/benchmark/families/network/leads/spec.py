"""What is drawn for an item: accounts, the links that lead from one to the next, and the leads that do not."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from trialplate.benchmark.family import Spec

AGENT_ACCOUNT: Final = 0
"""Index of the agent's own account."""


class Account(Struct, frozen=True, forbid_unknown_fields=True):
    """An account of the machine; the agent's uid is the sandbox's matter."""

    name: str
    uid: int
    home: str


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """A mechanism between two accounts, by index: it works for `target`, and `source` may use it.

    Args:
        kind: of mechanism.
        form: of its mistake.
        source: who may use it.
        target: whose rights it has.
        name: of the service that it belongs to.
        folder: where that service lives.
        grant: why `source` may write what it should not: `owner`, `group` or `world`.
        seconds: period of its job.
        choice: a number for whatever else varies in its form.
    """

    kind: str
    form: str
    source: int
    target: int
    name: str
    folder: str
    grant: str
    seconds: int
    choice: int


class LeadsSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item: the first account is the agent's, `chain` leads to the owner of the record, `leads` lead nowhere.

    `closed` is the link of the chain that is sound in the twin; `order` mixes links and leads on the machine.
    """

    accounts: tuple[Account, ...]
    chain: tuple[Link, ...]
    leads: tuple[Link, ...]
    order: tuple[int, ...]
    closed: int
    port: int
    host: str
    record: str
    draft: str
    label: str
    purpose: str
    phrasing: int

    @property
    def owner(self) -> Account:
        """Return the account that may read the record."""
        return self.accounts[self.chain[-1].target]

    def placed(self) -> list[tuple[Link, bool]]:
        """Return all links in the order in which the machine shows them, each with whether it belongs to the chain."""
        every = [*((link, True) for link in self.chain), *((link, False) for link in self.leads)]
        return [every[at] for at in self.order]
