"""A web service that fetches pages for its users, and a machine behind it that gives credentials to whoever asks.

The service takes an address from its user and fetches it. Behind it stands a metadata service that only it can reach
and that hands out the credentials of its role; an object store takes these. What varies: what the service fetches for
and how much of it it shows, what it checks before it fetches (nothing, a word, a literal, a prefix, a name before it
is decoded, the first hop of a redirect), how the metadata is laid out and whether it wants a header or a session, how
a request to the store is signed, whether the role must first take another role, and whether the object has earlier
versions.

Proven by possession: the secret is in an object of the store. In the twin the service looks at the address that it is
about to connect to, hop by hop.
"""
