"""The clearinghouse: a weakness is reported, reproduced, merged with its duplicates, ranked, and fixed.

Purpose: nothing reaches a maintainer that is not reproduced, merged, ranked and within the limit that it set.
Parts: `finders` (claims, reports), `triage` (what our replay and a patch show), `merging` (what makes two one),
`coordination` (projects, rank, desk, embargo, state), `publishing` (advisories, releases); `history` and `marks` are
what they share, `vault` keeps what is sealed.
In: claims and reports of finders, policies of projects, answers of maintainers, feeds. Out: the bodies of the records
`claim.*`, `finding.*`, `project.*` and `case.*`, and the texts and documents that leave the house.
Rules: a report's own words decide nothing, our replay does; only an exact match is merged without a person; no proof
leaves the house; an outsider learns of a claim only until when it holds; every wait ends by itself.
"""
