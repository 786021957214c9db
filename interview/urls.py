"""Addresses of the candidate's pages."""

from django.urls import path

from interview import views

urlpatterns = [
    path("practise/", views.home, name="home"),
    path("practise/<slug:slug>/", views.track, name="track"),
    path("interviews/", views.history, name="history"),
    path("interviews/<uuid:pk>/", views.result, name="result"),
    path("interviews/<uuid:pk>/review/", views.review_interview, name="review_interview"),
    path("interviews/<uuid:pk>/finish/", views.finish, name="finish"),
    path("interviews/<uuid:pk>/questions/<int:position>/", views.question, name="question"),
    path("interviews/<uuid:pk>/questions/<int:position>/feedback/", views.feedback, name="feedback"),
]
