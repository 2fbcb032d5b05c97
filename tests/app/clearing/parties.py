"""Parties of the clearinghouse for its tests."""

from __future__ import annotations

from trialplate.app.clearing.house import HOUSE_SUBJECT, Act, House
from trialplate.records.project import Appointed
from trialplate.trust import public_uri


def appointed(house: House, party: str) -> None:
    """Make a party a coordinator."""
    body = Appointed(party=party, key=public_uri(house.signer(party)), role="coordinator")
    house.tell(party, HOUSE_SUBJECT, "house", house.history(HOUSE_SUBJECT), Act(body=body, step="upkeep.appointed"))
