"""The one way to a carrier: a transport that never retries a write, never follows a redirect and tells no secret.

``messages.py`` the request and the answer · ``request.py`` a call as it goes over the wire · ``exchange.py`` there and
back · ``body.py`` what came back · ``sockets.py`` connections that can be timed and cut · ``network_errors.py`` what
broke · ``budget.py`` rates · ``retry_after.py`` that header · ``verdict.py`` what an answer proves · ``redact.py``
what no message tells · ``environment.py`` what the environment may say · ``transport.py`` puts them together.
"""

from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize, NetworkFault, Tn
from reconciler.providers.http.transport import Transport

__all__ = ["Answer", "ApiCall", "Auth", "Authorize", "NetworkFault", "Tn", "Transport"]
