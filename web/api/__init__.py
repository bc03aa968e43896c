"""The REST API, version 1: the same network, rules and rights as the pages, for programs.

Ids are strings. Errors are problem documents with the library's codes. Lists are read page by page with a cursor.
Entities and relations carry an ETag; a write names the version it was made for with ``If-Match``.
"""

from relgraph_web.api.mount import mount_api

__all__ = ["mount_api"]
