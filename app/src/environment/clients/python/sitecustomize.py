"""Brings the connections of a Python program to the proxy of the environment, and then runs the sitecustomize that
would have been run without this one."""

import os
import sys


def _install():
    if sys.version_info >= (3, 7):
        import dashcam_clients

        dashcam_clients.install()


def _next():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


try:
    _install()
except Exception:  # The program must not fail because of this file.
    pass
_next()
