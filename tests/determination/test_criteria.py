"""Criteria are data: signed, whole, with a reason for every figure, and the same for every developer."""

from __future__ import annotations

import hashlib
import json
from importlib import resources

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from trialplate.determination import FORMAT, Criteria, CriteriaError, parse_criteria, sign_criteria
from trialplate.records import PlanError, canonical
from trialplate.trust import Ed25519Signer

SHIPPED = resources.files("trialplate.determination").joinpath("data", "synthetic-2026.1.criteria.json").read_bytes()
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_the_criteria_that_ship_are_synthetic_and_say_so() -> None:
    signed = parse_criteria(SHIPPED)
    criteria = signed.criteria
    assert (criteria.name, criteria.formal, criteria.calibration) == (
        "synthetic-2026.1",
        False,
        "uncalibrated: design difficulties",
    )
    assert (criteria.figures.cut_hours, criteria.figures.alpha, criteria.figures.beta) == ("2", "0.05", "0.05")
    assert (criteria.figures.linking, criteria.figures.nuisance.name) == ("0.15", "H")
    assert signed.digest == hashlib.sha256(canonical(criteria)).hexdigest()
    assert len(signed.key_ids) == 1


def test_no_field_of_criteria_can_name_a_developer_or_a_model() -> None:
    assert not {name for name in Criteria.__struct_fields__ if "developer" in name or "model" in name}


def test_signing_and_reading_come_back_to_the_same() -> None:
    criteria = replace(parse_criteria(SHIPPED).criteria, name="other-1")
    signed = parse_criteria(sign_criteria(criteria, (SIGNER,)))
    assert signed.criteria == criteria
    assert signed.key_ids == (SIGNER.key_id,)


@pytest.mark.parametrize(
    "broken, said",
    [
        (b"{}", "These are no criteria"),
        (SHIPPED.replace(b'"keys":["ed25519:', b'"keys":["rsa:'), "These are no criteria"),
        (SHIPPED.replace(b'"sig":"', b'"sig":"AAAA'), "not signed"),
        (SHIPPED.replace(b'"payload":"eyJ', b'"payload":"eyK'), "not signed"),
        (SHIPPED + b" ", "These are no criteria"),
    ],
    ids=range(5),
)
def test_criteria_that_were_changed_are_refused(broken: bytes, said: str) -> None:
    with pytest.raises(CriteriaError, match=said):
        parse_criteria(broken)


def test_another_keys_signature_is_none() -> None:
    file = json.loads(SHIPPED)
    file["keys"] = [f"ed25519:{SIGNER.public.hex()}"]
    with pytest.raises(CriteriaError, match="No signature is by a trusted key"):
        parse_criteria(canonical(file))


def test_a_figure_without_a_reason_and_a_missing_text_are_refused() -> None:
    criteria = parse_criteria(SHIPPED).criteria
    with pytest.raises(CriteriaError, match="do not say where alpha comes from"):
        replace(criteria, derivations=tuple(each for each in criteria.derivations if each.of != "alpha"))
    with pytest.raises(CriteriaError, match=f"no criteria of format {FORMAT}"):
        replace(criteria, format="other/1")
    with pytest.raises(PlanError, match="order_rule of the plan is missing"):
        replace(criteria, order_rule="")
