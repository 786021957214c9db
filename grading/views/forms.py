"""How a page does what its form asks for."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.forms import Form

AnyForm = TypeVar("AnyForm", bound=Form)


def done(form: AnyForm, write: Callable[[AnyForm], object]) -> bool:
    """Do what a form asks for and say whether it is done; why it is not is then one of the form's errors."""
    if form.is_valid():
        try:
            write(form)
        except ValidationError as error:
            form.add_error(None, error)
    return not form.errors
