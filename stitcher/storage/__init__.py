"""The embedded storage: events in a SQLite database, and the searches over them.

    schema   what the tables are, as data
    place    where the database is that nobody named
    rows     events as JSON lines in, rows out; which of two events of one id holds the other
    flat     the same for flat events
    times    what a person writes for a time in, milliseconds out
    query    what is sought in, SQL and its values out
    writer   rows into a database file, a transaction for each call
    reader   events out of a database file, without being in the writer's way

docs/storage.md tells what is guaranteed, and how to ask the database without stitcher.
"""
