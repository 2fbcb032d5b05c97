"""Take one machine after the other, from a first subnet to a record that lies several subnets further.

Each machine is taken by one link: a search line that reaches a shell, letters whose holes are evaluated, boards that
are unpickled, an inbox beside a timetable, a job interface, an SSH key, a password shell, or a plan that the machine
fetches by itself from a depot, a shared cache or through a registry of names. Between them stand a database of weakly
kept passwords and a forwarder into the next network. What opens a link lies on machines that were taken before, in one
of eight kinds of place.

By seed vary the order and kinds of the links, the subnets and which machines join them, where each credential lies and
which of two parts it has, every service's words, checks, signatures and filters, the decoy machines and credentials.

Possession of the record's code proves it. The logs of the services that were used, which are kept outside, give one
milestone a link.
"""
