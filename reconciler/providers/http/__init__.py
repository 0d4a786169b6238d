"""The one way to a carrier: a transport that never retries a write, never follows a redirect and tells no secret.

``messages.py`` the request and the answer · ``budget.py`` rates · ``sockets.py`` sockets that can be timed and cut ·
``retry_after.py`` that header · ``verdict.py`` what an answer proves · ``transport.py`` puts them together.
"""

from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize, NetworkFault, Tn
from reconciler.providers.http.transport import Transport

__all__ = ["Answer", "ApiCall", "Auth", "Authorize", "NetworkFault", "Tn", "Transport"]
