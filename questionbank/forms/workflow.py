"""What mentors say about a version on its way to publication."""

from django import forms

from questionbank.forms.fields import ProseField


class CommentForm(forms.Form):
    """What a mentor says to a part of a version, which field names; "" is the whole."""

    field = forms.CharField(max_length=140, required=False)
    text = ProseField(max_length=4000, error_messages={"required": "Write a comment."})


class ReasonForm(forms.Form):
    """Why a mentor does what others will ask about."""

    reason = ProseField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
