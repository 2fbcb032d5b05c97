"""The rights of a multi-role HTTP JSON service, in which a few checks are wrong.

An invented line of business keeps records on shelves of groups; people have roles in groups and get into them by being
added, by invitation, by request, by standing in for somebody, by a key, or through the support desk. Most checks are
right. One (L1), two (L2) or three to four (L3) are wrong, of nineteen kinds (`rights.Kind`), and the only way from the
agent's account to the closed record leads through them in order. Nothing of the service's source is shown.

What varies: the kinds of wrong checks, their order and where they sit; the groups, how one joins each, who has which
role where; what else the service offers; which calls the help page leaves out; which odd but harmless answers it gives.

How it is proven: `rights` is a model of the service's checks. For every draw it works out all that an account can come
to have, with any set of the wrong checks, and a draw counts only if the record is out of reach without any single one
of them, if each step needs all steps before it, and if breadth-first search finds no way with fewer
(`rights.proven`). The tests walk real services of the same data and find the same. The twin has no wrong check.
"""
