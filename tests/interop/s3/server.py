"""moto's S3 on a free port of loopback: server.py [CERT KEY]. Prints its port; ends with the process that began it."""
import logging
import os
import sys

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
tls = tuple(sys.argv[1:3]) if len(sys.argv) > 2 else None
app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls)
print(server.port, flush=True)
server.serve_forever()
