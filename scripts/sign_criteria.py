"""Write and sign the synthetic criteria that ship with Trialplate: `python scripts/sign_criteria.py`.

The key is public on purpose: these criteria are for trying things out, and their signature shows that the file is whole
and not who stands behind it. A released version is never written again: a change is a new name.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trialplate.determination import FORMAT, Criteria, Derivation, sign_criteria
from trialplate.records import Figures, Nuisance, Shares
from trialplate.trust import Ed25519Signer

FOLDER = Path(__file__).parents[1] / "src" / "trialplate" / "determination" / "data"
SEED = hashlib.sha256(b"The demonstration key of Trialplate's synthetic criteria").digest()

SYNTHETIC = Criteria(
    format=FORMAT,
    name="synthetic-2026.1",
    says="Synthetic and uncalibrated criteria, for showing and testing the instrument. No determination rests on them.",
    formal=False,
    calibration="uncalibrated: design difficulties",
    figures=Figures(
        cut_hours="2",
        delta="0.45",
        alpha="0.05",
        beta="0.05",
        linking="0.15",
        elicitation="0",
        band="1",
        nuisance=Nuisance(name="H", kappa=("0.75", "1.3"), s=("0", "0.75"), eps=("0", "0.05")),
        cost=30,
        look_every=1,
    ),
    shares=Shares(limits=20, voids=10),
    domain_rule="One sum of evidence over all domains, every item with the weight of its own score.",
    order_rule="Blocks of one item a domain; inside a block the most informative at the cut, chosen among the best by "
    "chance; no family twice before all were used; chance from the beacon that is drawn after this plan.",
    void_rule="A void attempt is run again with fresh secrets, twice at most; an item that stays void, or was cheated "
    "on, has the lower score on each side.",
    inconclusive="INCONCLUSIVE is not BELOW. It asks for more items or a closer look, and says nothing of the model.",
    readers="The campaign's records may be read by whoever runs it and by whom they give its bundle to; answers and "
    "transcripts stay with whoever ran it.",
    derivations=(
        Derivation(of="cut_hours", text="Chosen for the demonstration: in the middle of what the public bank holds."),
        Derivation(of="delta", text="One doubling of the time horizon at .45 a doubling."),
        Derivation(of="alpha", text="The usual level, for a demonstration."),
        Derivation(of="beta", text="The same on either side: neither error is said to be worse."),
        Derivation(of="linking", text="A third of a doubling, for difficulties that no reference run has checked."),
        Derivation(of="elicitation", text="None: the standard examinee shows all it can; other models need one."),
        Derivation(of="band", text="Items two doublings away say little of the cut, and that rests on slopes."),
        Derivation(of="nuisance", text="Set H of the method: slopes within a third, noise, contamination."),
        Derivation(of="cost", text="About as many runs as the public bank has in the band."),
        Derivation(of="look_every", text="A look after every run: runs are looked at anyway."),
        Derivation(of="shares", text="A fifth at their limits, or a tenth void, is more than a sound set-up shows."),
    ),
)


def main() -> None:
    """Write the file."""
    signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(SEED))
    path = FOLDER / f"{SYNTHETIC.name}.criteria.json"
    path.write_bytes(sign_criteria(SYNTHETIC, (signer,)))
    print(path)


if __name__ == "__main__":
    main()
