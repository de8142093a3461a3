"""Bytes from connectors through the corridor to a destination: the part of the house that has a clock and signals.

    session   a Stitcher together with its destination
    filter    files and pipes in
    listen    peers in
    replay    lines out, as a sender would send them
    stop      SIGTERM and SIGINT

What the Stitcher gives back is written at once, and the next bytes are read when that is done.  So a slow destination
slows the reading down, and nothing is ever queued.

The clock that expires events must not run while we are held up ourselves: the rest of an event may already lie in a
pipe that we did not get to read.  `filter` counts the time that it waited for input, and expires only after the pipe
was found empty; `listen` looks at the clock when it looks at its sockets, and leaves the time of writing out; regular
files have no clock at all.
"""
