"""Coming in and going out: login, the one-time link of the first admin, one's own password and tokens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from relgraph_web.problems import BadRequest
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import SESSION_COOKIE, address, cookie_path, current_user, set_cookie, site, visitor
from relgraph_web.users import User
from werkzeug.wrappers import Response as BaseResponse

from relgraph import NotFound, ValueProblem


def register(blueprint: Blueprint) -> None:
    """Register the pages of one's own account."""
    blueprint.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    blueprint.add_url_rule("/logout", "logout", logout, methods=["POST"])
    blueprint.add_url_rule("/welcome/<secret>", "welcome", welcome, methods=["GET", "POST"])
    page(blueprint, "/account", endpoint="account", forms=())(account)
    blueprint.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    blueprint.add_url_rule("/account/keys", "change_keys", change_keys, methods=["POST"])
    blueprint.add_url_rule("/account/tokens", "add_token", add_token, methods=["POST"])
    blueprint.add_url_rule("/account/tokens/drop", "drop_token", drop_token, methods=["POST"])


def login() -> BaseResponse:
    """Ask for name and password, and go where the visitor wanted to go."""
    target = _local(request.values.get("next", ""))
    if request.method == "GET":
        if visitor() is not None:
            return redirect(target, 303)
        return Response(render_template("relgraph/login.html", target=target, wrong=False, name=""))
    here, name = site(), text_of("name", most=200)
    user = here.accounts.login(
        name,
        request.form.get("password", ""),
        address=address(),
        attempts=here.settings.attempts,
        window=here.settings.attempts_window,
    )
    if user is None:
        here.accounts.record(None, "login refused", address=address(), name=name)
        wrong = render_template("relgraph/login.html", target=target, wrong=True, name=name)
        return Response(wrong, 401)
    here.accounts.record(user.name, "login", address=address())
    return _enter(user, target)


def _enter(user: User, target: str) -> BaseResponse:
    here = site()
    # a session of its own for each login: one that was known before gets no rights
    secret = here.accounts.give_secret(user, "session", hours=here.settings.session)
    answer = Response.force_type(redirect(target, 303))
    set_cookie(answer, SESSION_COOKIE, secret, hours=here.settings.session)
    return answer


def _local(target: str) -> str:
    """Return an address of this site, whatever was asked for."""
    root = cookie_path()
    plain = target.startswith(root) and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if plain else root


def logout() -> BaseResponse:
    """End the session."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        site().accounts.drop_secret(secret)
    answer = Response.force_type(redirect(site().url("login", as_of=None), 303))
    answer.delete_cookie(SESSION_COOKIE, path=cookie_path())
    return answer


def welcome(secret: str) -> BaseResponse:
    """Let the holder of a one-time link choose a password; the link works until that is done."""
    here = site()
    user = here.accounts.holder(secret, "link")
    if user is None:
        raise NotFound("this link was used, or is too old", hint="an admin can make another")
    problem = None
    if request.method == "POST":
        try:
            if request.form.get("password") != request.form.get("again"):
                raise ValueProblem("the two passwords are not the same")  # noqa: TRY301 - told on the page
            user = here.accounts.change(user, password=request.form.get("password", ""))
        except ValueProblem as error:
            problem = error.message
        else:
            here.accounts.drop_secret(secret)
            here.accounts.record(user.name, "password chosen", address=address())
            return _enter(user, cookie_path())
    shown = render_template("relgraph/welcome.html", user=user, problem=problem)
    return Response(shown, 422 if problem else 200)


def account(fresh: str | None = None) -> Page:
    """Show one's own account."""
    user = current_user()
    return Page("relgraph/account.html", {"user": user, "tokens": site().accounts.tokens(user), "fresh": fresh})


def change_password() -> BaseResponse:
    """Change one's password; the old one is asked for, and every session ends."""
    here, user = site(), current_user()
    known = here.accounts.login(
        user.name,
        request.form.get("old", ""),
        address=address(),
        attempts=here.settings.attempts,
        window=here.settings.attempts_window,
    )
    if known is None or known.id != user.id:
        raise BadRequest("the old password is another", hint="nothing was changed")
    if request.form.get("password") != request.form.get("again"):
        raise BadRequest("the two new passwords are not the same", hint="nothing was changed")
    user = here.accounts.change(user, password=request.form.get("password", ""))
    here.accounts.record(user.name, "password changed", address=address())
    return _enter(user, here.url("account", as_of=None))


def change_keys() -> BaseResponse:
    """Switch single-key shortcuts on or off."""
    site().accounts.change(current_user(), single_keys=request.form.get("single_keys") == "yes")
    return back("account")


def add_token() -> BaseResponse:
    """Make an API token and show it, this once."""
    here, user = site(), current_user()
    label = text_of("label", most=200) or "token"
    days: Any = text_of("days", most=5)
    if days and (not days.isdecimal() or not 1 <= int(days) <= 3650):
        raise BadRequest("a token lasts 1 to 3,650 days")
    token = here.accounts.give_secret(user, "token", hours=int(days) * 24 if days else None, label=label)
    here.accounts.record(user.name, "token made", address=address(), label=label)
    return account(token).answer("html")


def drop_token() -> BaseResponse:
    """Forget an API token."""
    site().accounts.drop_token(current_user(), text_of("token"))
    site().accounts.record(current_user().name, "token dropped", address=address())
    return back("account")
