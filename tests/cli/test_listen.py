"""What must hold of `stitcher listen`."""

import io
import json
import signal
import socket
import threading
from pathlib import Path

import pytest
from shell import PATIENCE, ended, events, listening, next_event, record, send, started, stitcher, until, whole

TCP = ("listen", "--tcp", "127.0.0.1:0")


def counted(data: bytes) -> bytes:
    """Octet counting as RFC 6587 has it."""
    return b"".join(b"%d <14>%s" % (len(line) + 4, line) for line in _with_header(data))


def _with_header(data: bytes) -> list[bytes]:
    return [b"Nov 14 22:13:20 web01 audispd: " + line for line in data.splitlines()]


def test_a_peer_s_event_is_shown_while_it_stays_connected() -> None:
    with started(*TCP) as process, send(listening(process), whole(1)):
        event = next_event(process)
    assert (event["serial"], event["node"], event["closed_by"]) == (1, "127.0.0.1", "proctitle")


def test_a_peer_s_event_has_its_records_and_a_summary_where_asked() -> None:
    with started(*TCP, "--keep-raw", "--summarize") as process, send(listening(process), counted(whole(1))):
        event = next_event(process)
    assert [*event][-2:] == ["raw", "summary"]
    assert "\n".join(event["raw"]) + "\n" == whole(1).decode()


@pytest.mark.parametrize("framing", ["lf", "octet"])
def test_framing_is_told_by_itself(framing: str) -> None:
    data = counted(whole(1)) if framing == "octet" else b"".join(b"<14>%s\n" % line for line in _with_header(whole(1)))
    with started(*TCP) as process, send(listening(process), data[:50], data[50:]):
        event = next_event(process)
    assert (event["node"], event["count"]) == ("web01", 3)


def test_two_connections_with_one_id_stay_two_events() -> None:
    lines = whole(1).splitlines(keepends=True)
    with started(*TCP) as process:
        port = listening(process)
        with send(port, lines[0]) as one, send(port, lines[0]) as other:
            for line in lines[1:]:
                one.sendall(line)
                other.sendall(line)
            found = [next_event(process), next_event(process)]
    assert [(event["id"], event["count"]) for event in found] == [("1700000000.004:1", 3)] * 2


def test_an_event_goes_on_over_the_next_connection_of_its_peer() -> None:
    lines = whole(1).splitlines(keepends=True)
    with started(*TCP, "--timeout", "60") as process:
        port = listening(process)
        # the second line is cut by the end of the connection: a source that is used again has no half line left
        with send(port, lines[0], lines[1].rstrip(b"\n")) as first:
            first.shutdown(socket.SHUT_WR)
            assert first.recv(1) == b""
        with send(port, lines[2]):
            event = next_event(process)
    assert (event["serial"], event["count"], event["complete"]) == (1, 3, True)


def test_silence_closes_an_event() -> None:
    with started(*TCP, "--timeout", "0.3") as process, send(listening(process), record("SYSCALL", 1)):
        assert next_event(process)["closed_by"] == "timeout"


def test_datagrams_that_overtake_each_other_are_one_event() -> None:
    lines = whole(1).splitlines()
    with started("listen", "--udp", "127.0.0.1:0") as process:
        port = listening(process)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for line in (lines[0], lines[2], lines[1]):
                sender.sendto(line, ("127.0.0.1", port))
            event = next_event(process)
    assert (event["count"], event["closed_by"], event["node"]) == (3, "proctitle", "127.0.0.1")


def test_udp_peers_with_one_id_stay_two_events() -> None:
    with started("listen", "--udp", "127.0.0.1:0") as process:
        port = listening(process)
        for host in ("127.0.0.1", "127.0.0.2"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((host, 0))
                sender.sendto(whole(1), ("127.0.0.1", port))
        found = [next_event(process), next_event(process)]
    assert sorted((event["node"], event["count"]) for event in found) == [("127.0.0.1", 3), ("127.0.0.2", 3)]


def test_a_unix_socket_is_made_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "audit.sock"
    # one that an earlier run left behind
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with started("listen", "--unix", path) as process:
        listening(process)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(path))
            peer.sendall(whole(1))
            assert next_event(process)["count"] == 3
        process.send_signal(signal.SIGTERM)
        assert ended(process) == ([], "", 0)
    assert not path.exists()


def test_several_addresses_at_once(tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"
    args = (*TCP, "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--to", f"file:{out}", "--summary")
    with started(*args) as process:
        ports = [listening(process) for _ in range(3)]
        for serial, port in enumerate(ports[:2], 1):
            send(port, whole(serial)).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(whole(3), ("127.0.0.1", ports[2]))
        process.send_signal(signal.SIGTERM)
        _, err, code = ended(process)
    assert (sorted(event["serial"] for event in events(out.read_bytes())), code) == ([1, 2, 3], 0)
    assert "9 lines, 3 events; 3 complete" in err


def test_many_peers_at_once() -> None:
    with started(*TCP, "--summary") as process:
        port = listening(process)
        peers = [send(port, whole(serial)) for serial in range(1, 101)]
        found = [next_event(process) for _ in peers]
        for peer in peers:
            peer.close()
    assert {event["serial"] for event in found} == set(range(1, 101))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_drain_reads_what_has_arrived(number: signal.Signals, code: int) -> None:
    """Everything was sent before the signal, by a peer that stays and by one that nobody accepted yet."""
    data = b"".join(whole(serial) for serial in range(1, 1001))
    with started(*TCP, "--to", "stdout") as process:
        port = listening(process)
        process.send_signal(signal.SIGSTOP)
        with send(port, data[:60_000]) as staying:
            send(port, record("USER_LOGIN", 5000)).close()
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            found, err, ended_with = ended(process)
            del staying
    lines = data[:60_000].count(b"\n") + 1
    assert sum(event["count"] for event in found) in (lines, lines + 1)
    assert found[-1]["closed_by"] in ("end", "proctitle", "single")
    assert 5000 in {event["serial"] for event in found}
    assert (err, ended_with) == ("", code)


def test_a_slow_reader_holds_up_the_peers_and_loses_nothing() -> None:
    data = b"".join(whole(serial) for serial in range(1, 20_001))
    with started(*TCP, "--timeout", "0.3") as process:
        port = listening(process)
        sender = threading.Thread(target=lambda: send(port, data).close())
        sender.start()
        # nobody reads the events: the pipe and the sockets fill up, and the sender has to wait
        sender.join(1.0)
        held_up = sender.is_alive()
        assert process.stdout
        reader = io.BufferedReader(process.stdout)  # type: ignore[type-var]
        found = [json.loads(reader.readline()) for _ in range(20_000)]
        sender.join(PATIENCE)
        process.send_signal(signal.SIGTERM)
        rest, err, code = ended(process)
    assert held_up
    assert (rest, err, code) == ([], "", 0)
    assert all(event["complete"] and event["count"] == 3 for event in found)


def test_an_address_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        run = stitcher("listen", "--tcp", address)
    assert run.returncode == 1
    assert f"tcp {address}: cannot listen: address already in use; choose an address" in run.stderr.decode()


def test_a_live_unix_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        run = stitcher("listen", "--unix", path)
        assert run.returncode == 1
        assert b"already in use" in run.stderr
    assert path.exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [((), "nothing to listen on"), (("--tcp", "6514"), "write HOST:PORT"), (("--udp", "h:x"), "'x' is no port")],
)
def test_what_was_asked_wrongly_ends_with_two(args: tuple[str, ...], words: str) -> None:
    run = stitcher("listen", *args)
    assert run.returncode == 2
    assert words in run.stderr.decode()


def test_a_destination_that_breaks_ends_it() -> None:
    with started(*TCP, "--to", "file:/dev/full") as process, send(listening(process), whole(1)):
        _, err, code = ended(process)
    assert code == 1
    assert "no space left on device; 1 event was not written" in err


def test_a_hangup_opens_its_files_anew(tmp_path: Path) -> None:
    out, rejected = tmp_path / "events.jsonl", tmp_path / "rejected"
    with started(*TCP, "--to", f"file:{out}", "--rejected", rejected) as process, send(listening(process)) as peer:
        peer.sendall(whole(1) + b"no audit\n")
        until(lambda: out.exists() and out.stat().st_size and rejected.stat().st_size)
        out.rename(tmp_path / "old")
        rejected.rename(tmp_path / "old rejected")
        process.send_signal(signal.SIGHUP)
        until(lambda: out.exists() and rejected.exists())
        peer.sendall(whole(2))
        until(lambda: out.stat().st_size)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == ([], "", 0)
    found = [[event["serial"] for event in events(path.read_bytes())] for path in (tmp_path / "old", out)]
    assert found == [[1], [2]]


def test_syslog_with_type_2_events_makes_the_same_events_at_a_second_stitcher() -> None:
    with started(*TCP) as process:
        to = f"tcp://127.0.0.1:{listening(process)}?format=syslog"
        assert stitcher("filter", "--emit", "aggregated", "--to", to, stdin=whole(1) + whole(2)).returncode == 0
        found = [next_event(process), next_event(process)]
    assert found == events(stitcher("filter", stdin=whole(1) + whole(2)).stdout)
