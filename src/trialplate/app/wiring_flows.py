"""The flows of this program, by name, with what their subjects are found by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from trialplate.clearinghouse.marks import claim_marks, finding_marks, project_marks
from trialplate.flows import Flow, remediation


def flows_of(keyed: Callable[[str], str]) -> Mapping[str, Flow]:
    """Return the flows; `keyed` makes the fingerprints of their marks, with a key of the home."""
    flows = (
        remediation.remediation(lambda history: finding_marks(history, keyed)),
        remediation.claim(lambda history: claim_marks(history, keyed)),
        remediation.project(lambda history: project_marks(history, keyed)),
        remediation.house(),
    )
    return MappingProxyType({flow.name: flow for flow in flows})
