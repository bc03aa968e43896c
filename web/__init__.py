"""The pages and the REST API of relgraph, as a Flask application or a blueprint for someone else's.

>>> import relgraph
>>> from relgraph_web import Settings, create_app
>>> app = create_app(relgraph.open(), settings=Settings(accounts=":memory:"))
>>> app.test_client().get("/api/v1/vocabulary").status_code
401
"""

from relgraph_web.accounts import Accounts, accounts_beside
from relgraph_web.app import create_app, create_blueprint
from relgraph_web.settings import Settings
from relgraph_web.users import User

__all__ = ["Accounts", "Settings", "User", "accounts_beside", "create_app", "create_blueprint"]
