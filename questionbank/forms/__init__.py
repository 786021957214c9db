"""Forms of the question bank. VersionForms is all of the editor; the modules beside have its parts."""

from questionbank.forms.bulk import BulkForm, Deed
from questionbank.forms.imports import ApplyForm, MappingForm, UploadForm
from questionbank.forms.names import short_name
from questionbank.forms.version import ChangeTopicForm, NewQuestionForm, VersionForms
from questionbank.forms.workflow import CommentForm, ReasonForm

__all__ = [
    "ApplyForm",
    "BulkForm",
    "ChangeTopicForm",
    "CommentForm",
    "Deed",
    "MappingForm",
    "NewQuestionForm",
    "ReasonForm",
    "UploadForm",
    "VersionForms",
    "short_name",
]
