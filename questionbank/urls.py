"""Addresses of the question bank's pages."""

from django.urls import path

from questionbank.views import editor, reading, workflow

urlpatterns = [
    path("questions/", reading.questions, name="questions"),
    path("questions/new/", editor.new_question, name="new_question"),
    path("questions/<uuid:pk>/", reading.question_detail, name="question_detail"),
    path("questions/<uuid:pk>/versions/<int:number>/", reading.question_detail, name="question_version"),
    path("questions/<uuid:pk>/edit/", editor.edit_question, name="edit_question"),
    path("questions/<uuid:pk>/publish/", workflow.publish_question, name="publish_question"),
    path("questions/<uuid:pk>/discard/", workflow.discard_draft, name="discard_draft"),
]
