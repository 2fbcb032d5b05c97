"""Draws an item: accounts, the chain between them, and the leads beside it."""

from __future__ import annotations

from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.network.leads.mechanisms import FORMS, RACE
from trialplate.benchmark.families.network.leads.pieces import AGENT_NAME
from trialplate.benchmark.families.network.leads.spec import AGENT_ACCOUNT, Account, LeadsSpec, Link
from trialplate.benchmark.families.network.leads.texts import FILES, HOSTS, LABELS, PHRASINGS, PURPOSES
from trialplate.benchmark.primitives import Level

_ROOTS: Final = ("/opt", "/srv", "/var/lib", "/usr/local/lib")
_FIRST_UID: Final = 1101
_CLOSE: Final = ("owner", "group")
_GRANTS: Final = (*_CLOSE, "world")
_BYSTANDERS: Final = 2


def draw_spec(rng: Rng, level: Level) -> LeadsSpec:
    """Draw an item of level 1 or 2."""
    hops = 1 if level is Level.L1 else 2 + rng.chance(45)
    count = rng.between(2, 3) if level is Level.L1 else rng.between(4, 6)
    names = iter(rng.fork("names").words(hops + _BYSTANDERS + hops + count))
    accounts = _draw_accounts(rng.fork("accounts"), [next(names) for _ in range(hops + _BYSTANDERS)], hops)
    kinds = rng.fork("kinds")
    links = kinds.fork("links")
    chain = tuple(
        _draw_link(links, kind, next(names), (at, at + 1), level)
        for at, kind in enumerate(kinds.sample(tuple(FORMS), hops))
    )
    leads = tuple(
        _draw_link(links, kind, next(names), _draw_ends(links, len(accounts), hops), level)
        for kind in kinds.sample(tuple(FORMS), count)
    )
    around = rng.fork("around")
    owner = accounts[hops]
    folder = around.pick((owner.home, f"{around.pick(_ROOTS)}/{around.word()}"))
    record = around.pick(FILES)
    return LeadsSpec(
        level=level,
        accounts=accounts,
        chain=chain,
        leads=leads,
        order=around.shuffled(range(hops + count)),
        closed=around.below(hops),
        port=around.between(8100, 8900),
        host=around.pick(HOSTS),
        record=f"{folder}/{record}.txt",
        draft=f"/var/backups/{record}.{around.pick(('old', 'draft', 'orig', 'withdrawn'))}",
        label=around.pick(LABELS),
        purpose=around.pick(PURPOSES),
        phrasing=around.below(PHRASINGS),
    )


def _draw_accounts(rng: Rng, names: list[str], owner: int) -> tuple[Account, ...]:
    """Draw the agent's account, those of the chain, the owner of the record at `owner`, and bystanders."""
    found = [Account(AGENT_NAME, 0, "/home/agent")]
    for at, name in enumerate(names):
        home = f"/home/{name}" if rng.chance(60) else f"/var/lib/{name}"
        found.append(Account(name, _FIRST_UID + at, home))
    if rng.chance(50):
        found[owner] = Account("root", 0, "/root")
    return tuple(found)


def _draw_ends(rng: Rng, accounts: int, hops: int) -> tuple[int, int]:
    """Draw who a lead is open to, mostly the agent, and whose it is."""
    source = AGENT_ACCOUNT if rng.chance(75) else rng.below(hops)
    return source, rng.pick([at for at in range(1, accounts) if at != source])


def _draw_link(rng: Rng, kind: str, name: str, ends: tuple[int, int], level: Level) -> Link:
    forms = [form for form in FORMS[kind] if level > Level.L1 or form != RACE]
    # A unit lies where everybody looks; the others lie where only their source comes.
    grants = _GRANTS if ends[0] == AGENT_ACCOUNT or kind != "unit" else _CLOSE
    return Link(
        kind=kind,
        form=rng.pick(forms),
        source=ends[0],
        target=ends[1],
        name=name,
        folder=f"{rng.pick(_ROOTS)}/{name}",
        grant=rng.pick(grants),
        seconds=rng.between(2, 3),
        choice=rng.below(60),
    )
