"""Addresses of the candidate's pages."""

from django.urls import path

from interview.views import answering, results, start

urlpatterns = [
    path("practise/", start.home, name="home"),
    path("practise/<slug:slug>/", start.track, name="track"),
    path("interviews/", results.history, name="history"),
    path("interviews/<uuid:pk>/", results.result, name="result"),
    path("interviews/<uuid:pk>/review/", answering.review_interview, name="review_interview"),
    path("interviews/<uuid:pk>/finish/", answering.finish, name="finish"),
    path("interviews/<uuid:pk>/questions/<int:position>/", answering.question, name="question"),
    path("interviews/<uuid:pk>/questions/<int:position>/feedback/", answering.feedback, name="feedback"),
]
