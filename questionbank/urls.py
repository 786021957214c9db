"""Addresses of the question bank's pages."""

from django.urls import path

from questionbank import views

urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/new/", views.new_question, name="new_question"),
    path("questions/<uuid:pk>/", views.question_detail, name="question_detail"),
    path("questions/<uuid:pk>/versions/<int:number>/", views.question_detail, name="question_version"),
    path("questions/<uuid:pk>/edit/", views.edit_question, name="edit_question"),
    path("questions/<uuid:pk>/publish/", views.publish_question, name="publish_question"),
    path("questions/<uuid:pk>/discard/", views.discard_draft, name="discard_draft"),
]
