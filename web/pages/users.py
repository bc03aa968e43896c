"""Users: who may come in, in which role, and what is hidden from or locked for whom."""

from __future__ import annotations

from flask import Blueprint, request
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import address, site, window
from relgraph_web.users import ROLES, User
from werkzeug.wrappers import Response as BaseResponse

from relgraph import ValueProblem

_LINK_HOURS = 72


def register(blueprint: Blueprint) -> None:
    """Register the page of users."""
    page(blueprint, "/users", endpoint="users")(users)
    blueprint.add_url_rule("/users/add", "add_user", add_user, methods=["POST"])
    blueprint.add_url_rule("/users/<int:user_id>", "change_user", change_user, methods=["POST"])
    blueprint.add_url_rule("/users/<int:user_id>/link", "link_user", link_user, methods=["POST"])


def users(link: tuple[str, str] | None = None, problem: str | None = None) -> Page:
    """List everybody."""
    here = window()
    here.need("admin")
    words = here.vocabulary
    everybody = site().accounts.users()
    return Page(
        "relgraph/users.html",
        {
            "users": everybody,
            "roles": ROLES,
            "link": link,
            "problem": problem,
            "types": list(words.types),
            "predicates": list(words.predicates),
        },
        {
            "items": [
                {
                    "id": str(one.id),
                    "name": one.name,
                    "role": one.role,
                    "hidden": sorted(one.hidden),
                    "locked": sorted(one.locked),
                    "active": one.active,
                }
                for one in everybody
            ]
        },
        status=422 if problem else 200,
    )


def _link(user: User) -> tuple[str, str]:
    secret = site().accounts.give_secret(user, "link", hours=_LINK_HOURS)
    return user.name, site().url("welcome", secret=secret, _external=True, as_of=None)


def add_user() -> BaseResponse:
    """Make an account, and a link by which its owner chooses a password."""
    here = window()
    here.need("admin")
    try:
        user = site().accounts.add(text_of("name", most=200), text_of("role"))
    except ValueProblem as error:
        return users(problem=str(error)).answer("html")
    site().accounts.record(here.user.name, "user added", address=address(), name=user.name, role=user.role)
    return users(_link(user)).answer("html")


def _names(key: str) -> frozenset[str]:
    words = window().vocabulary
    names = frozenset(request.form.getlist(key))
    unknown = sorted(names - set(words.types) - set(words.predicates))
    if unknown:
        raise ValueProblem(f"there is no type and no predicate {', '.join(unknown)}")
    return names


def change_user(user_id: int) -> BaseResponse:
    """Change role and rights."""
    here = window()
    here.need("admin")
    user = site().accounts.user(user_id)
    try:
        changed = site().accounts.change(
            user,
            role=text_of("role"),
            hidden=_names("hidden"),
            locked=_names("locked"),
            active=request.form.get("active") == "yes",
        )
    except ValueProblem as error:
        return users(problem=str(error)).answer("html")
    site().accounts.record(
        here.user.name,
        "rights changed",
        address=address(),
        name=changed.name,
        role=changed.role,
        hidden=sorted(changed.hidden),
        locked=sorted(changed.locked),
        active=changed.active,
    )
    return back("users", as_of=None)


def link_user(user_id: int) -> BaseResponse:
    """Make a link by which somebody chooses a new password."""
    here = window()
    here.need("admin")
    user = site().accounts.user(user_id)
    site().accounts.record(here.user.name, "link made", address=address(), name=user.name)
    return users(_link(user)).answer("html")
