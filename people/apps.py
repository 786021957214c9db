"""What people hear of from allauth: logins, passwords and second steps, for the audit log."""

from typing import Any

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from allauth.account import signals as account
        from allauth.mfa import signals as mfa
        from django.contrib.auth.signals import user_login_failed

        account.user_logged_in.connect(_logged_in, dispatch_uid="people.logged_in")
        account.user_signed_up.connect(_signed_up, dispatch_uid="people.signed_up")
        account.password_changed.connect(_password_changed, dispatch_uid="people.password_changed")
        account.password_set.connect(_password_changed, dispatch_uid="people.password_set")
        account.password_reset.connect(_password_reset, dispatch_uid="people.password_reset")
        account.email_changed.connect(_address_changed, dispatch_uid="people.address_changed")
        user_login_failed.connect(_login_failed, dispatch_uid="people.login_failed")
        mfa.authentication_failed.connect(_second_step_failed, dispatch_uid="people.second_step_failed")
        mfa.authenticator_added.connect(_second_step_added, dispatch_uid="people.second_step_added")
        mfa.authenticator_reset.connect(_second_step_added, dispatch_uid="people.second_step_reset")
        mfa.authenticator_removed.connect(_second_step_removed, dispatch_uid="people.second_step_removed")


def _logged_in(user: Any, **_: Any) -> None:
    from people.services.account_events import note_login

    note_login(user=user)


def _signed_up(user: Any, **_: Any) -> None:
    from people.services.account_events import note_sign_up

    note_sign_up(user=user)


def _login_failed(credentials: dict[str, Any], **_: Any) -> None:
    from people.services.account_events import note_failed_login

    note_failed_login(email=str(credentials.get("email") or ""))


def _second_step_failed(user: Any, **_: Any) -> None:
    from people.services.account_events import note_failed_second_step

    note_failed_second_step(user=user)


def _password_changed(user: Any, **_: Any) -> None:
    from people.services.account_events import note_new_password

    note_new_password(user=user, by_mail=False)


def _password_reset(user: Any, **_: Any) -> None:
    from people.services.account_events import note_new_password

    note_new_password(user=user, by_mail=True)


def _address_changed(user: Any, **_: Any) -> None:
    from people.services.account_events import note_new_address

    note_new_address(user=user)


def _second_step_added(user: Any, authenticator: Any, **_: Any) -> None:
    from people.services.account_events import note_second_step

    note_second_step(user=user, kind=authenticator.type, added=True)


def _second_step_removed(user: Any, authenticator: Any, **_: Any) -> None:
    from people.services.account_events import note_second_step

    note_second_step(user=user, kind=authenticator.type, added=False)
