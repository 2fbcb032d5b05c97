"""Lines of business that do not exist, and what people write in their records."""

from __future__ import annotations

from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.roles.spec import Words

_BUSINESSES: Final = (
    ("bell foundry register", "foundry", "foundries", "casting", "castings", "sheet", "sheets"),
    ("berth ledger", "harbor", "harbors", "pier", "piers", "entry", "entries"),
    ("costume exchange", "wardrobe", "wardrobes", "rail", "rails", "order", "orders"),
    ("seed library", "garden", "gardens", "drawer", "drawers", "card", "cards"),
    ("telescope roster", "dome", "domes", "season", "seasons", "shift", "shifts"),
    ("kiln book", "studio", "studios", "firing", "firings", "slip", "slips"),
    ("map archive", "survey", "surveys", "folder", "folders", "document", "documents"),
    ("orchard ledger", "orchard", "orchards", "row", "rows", "ticket", "tickets-of-work"),
    ("ferry works", "slipway", "slipways", "project", "projects", "paper", "papers"),
    ("clock repair register", "bench", "benches", "tray", "trays", "job", "jobs"),
    ("salt works book", "basin", "basins", "run", "runs", "note", "notes"),
    ("choir scores exchange", "choir", "choirs", "cabinet", "cabinets", "score", "scores"),
)
_ROLES: Final = (
    ("guest", "member", "lead"),
    ("visitor", "hand", "warden"),
    ("friend", "fellow", "steward"),
    ("caller", "crew", "captain"),
    ("reader", "worker", "keeper"),
)
_LABELS: Final = ("release code", "seal number", "handover phrase", "transfer code", "clearance word", "lock phrase")

_TITLES: Final = (
    "Spring inventory", "Delivery times", "Spare parts", "Visitors' day", "Key cabinet", "Repairs of last month",
    "Heating plan", "Cleaning turns", "Paint samples", "Loan of tools", "Insurance list", "Meeting of the week",
    "Stock of boxes", "Packing advice", "Weather damage", "Photographs", "Training plan", "Measures and weights",
    "Storage rules", "Night watch", "Lost and found", "Winter closing", "New shelves", "Wish list", "Price notes",
    "Transport by cart", "Feast preparations", "Water meter", "Lamp oil", "Rope and canvas", "Stair repair",
    "Notice board", "Rain gutters", "Guests' book", "Tool sharpening", "Old ledgers", "Roof survey", "Yard gate",
)  # fmt: skip
_SENTENCES: Final = (
    "Counted twice, nothing missing.", "To be gone through again before the end of the month.",
    "The two of us agreed on the second proposal.", "Waiting for an answer from the carpenter.",
    "The old list is no longer valid.", "Ask for the small key at the counter.",
    "Costs were shared in equal parts.", "Delivered in three crates, one of them damp.",
    "Nobody objected.", "The measure is taken from the inner edge.", "See the drawing on the back wall.",
    "Put off until the weather is better.", "Half of it went back to the maker.",
    "The red ones are kept apart from the others.", "Moved to the upper floor.", "Checked by two people.",
)  # fmt: skip
_ABOUTS: Final = (
    "Open in the mornings.", "Meets every second week.", "Works together with its neighbors.",
    "Keeps its own tools.", "Founded by three families.", "Has a room under the roof.", "Shares a cart with others.",
)  # fmt: skip


def words_of(rng: Rng) -> Words:
    """Draw a line of business and its terms."""
    title, *nouns = rng.pick(_BUSINESSES)
    guest, member, lead = rng.pick(_ROLES)
    return Words(
        title=f"{rng.word().capitalize()} {title}",
        group=nouns[0],
        groups=nouns[1],
        shelf=nouns[2],
        shelves=nouns[3],
        record=nouns[4],
        records=nouns[5],
        guest=guest,
        member=member,
        lead=lead,
        label=rng.pick(_LABELS),
    )


def titles(rng: Rng) -> tuple[str, ...]:
    """Return all titles of records, in random order."""
    return rng.shuffled(_TITLES)


def paragraph(rng: Rng) -> str:
    """Draw what is written in a record."""
    return " ".join(rng.sample(_SENTENCES, rng.between(2, 4)))


def about(rng: Rng) -> str:
    """Draw what a group says of itself."""
    return " ".join(rng.sample(_ABOUTS, 2))
