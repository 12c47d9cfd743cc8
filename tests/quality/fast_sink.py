"""A mail server that does as little as it can: it counts what it takes, so that the sender is what is measured."""

import os
import selectors
import socket

ANSWERS = {b"EHLO": b"250-sink\r\n%s250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


def serve(server: socket.socket, *, chunking: bool) -> None:
    """Answer for ever; ends with its process."""
    hello = ANSWERS[b"EHLO"] % (b"250-CHUNKING\r\n" if chunking else b"")
    lines = selectors.DefaultSelector()
    lines.register(server, selectors.EVENT_READ)
    states: dict[socket.socket, list] = {}
    while True:
        for key, _ in lines.select():
            one = key.fileobj
            if one is server:
                line, _ = server.accept()
                states[line] = [b"", False]
                lines.register(line, selectors.EVENT_READ)
                line.sendall(b"220 sink\r\n")
                continue
            data = one.recv(1 << 20)
            if not data:
                lines.unregister(one)
                one.close()
                continue
            answer = _take(states[one], data, hello)
            if answer:
                one.sendall(answer)


def _take(state: list, data: bytes, hello: bytes) -> bytes:
    buffer, answers = state[0] + data, []
    while buffer:
        if state[1]:
            end = buffer.find(b"\r\n.\r\n", max(0, state[2]))
            if end < 0:
                state[2] = len(buffer) - 4
                break
            buffer = buffer[end + 5 :]
            state[1:] = [False]
            answers.append(b"250 taken\r\n")
            continue
        end = buffer.find(b"\r\n")
        if end < 0:
            break
        verb = buffer[:4]
        if verb == b"BDAT":
            size = int(buffer[5:end].split()[0])
            if len(buffer) < end + 2 + size:
                break
            end += size
            answers.append(b"250 taken\r\n")
        elif verb.upper() == b"EHLO":
            answers.append(hello)
        elif verb.upper() == b"DATA":
            answers.append(ANSWERS[b"DATA"])
            state[1:] = [True, 0]
        elif verb.upper() == b"QUIT":
            answers.append(ANSWERS[b"QUIT"])
        else:
            answers.append(b"250 ok\r\n")
        buffer = buffer[end + 2 :]
    state[0] = buffer
    return b"".join(answers)


def start(*, chunking: bool = False) -> tuple[int, int]:
    """Start a sink in a process of its own; return its port and process."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    child = os.fork()
    if child == 0:
        try:
            serve(server, chunking=chunking)
        finally:
            os._exit(0)
    port = server.getsockname()[1]
    server.close()
    return port, child
