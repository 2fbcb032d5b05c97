"""The spawner: one small, single-threaded process that forks into namespaces on the driver's behalf.

Namespaces are a property of a thread, and a program with threads cannot fork safely, so the driver starts this
process once and sends it requests. Each request is served by a forked child, which does one of:

- `start`: make the namespaces of a scenario, run its set-up steps, and become the scenario's pid 1;
- `exec`: run a command of ours or of the agent inside a running scenario;
- `file`: read or write one file inside a host, with the rights of a given user of that host.

A request is one datagram with its file descriptors attached, in the order of `protocol.FDS`; its body is JSON in a
sealed memory file. Answers come back on the request's own socket. When the driver dies, however it dies, the
sockets close, the spawner and its children end, and the kernel takes every scenario down.

Nothing here imports anything outside the standard library and this folder, and nothing imports late: a forked child
has other ids and another file system, where a late import could fail or load something foreign. The process loads this
folder as a package of its own, without the packages above it and without site-packages (hence the relative imports):
what it does not hold, it need not copy at each fork.
"""
