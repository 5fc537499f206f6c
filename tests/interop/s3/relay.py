"""Bytes carried to a server of loopback, until so many went there: relay.py PORT BYTES die|stall. Prints its own port.

Then it dies, as a server that is killed does, or carries nothing more either way, as one that hangs does."""
import os
import socket
import sys
import threading

port, left, then = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
lock, over = threading.Lock(), threading.Event()


def carry(source, target, counted):
    global left
    while piece := source.recv(16384):
        if counted:
            with lock:
                left -= len(piece)
                if left < 0:
                    if then == "die":
                        os._exit(0)
                    over.set()
        if over.is_set():
            threading.Event().wait()
        target.sendall(piece)
    target.shutdown(socket.SHUT_WR)


def both(client):
    server = socket.create_connection(("127.0.0.1", port))
    for source, target, counted in ((client, server, True), (server, client, False)):
        threading.Thread(target=lambda *a: quietly(*a), args=(source, target, counted), daemon=True).start()


def quietly(*arguments):
    try:
        carry(*arguments)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    both(listener.accept()[0])
