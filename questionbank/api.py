"""The API of the question bank, for mentors."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.access import is_mentor
from people.models import User
from people.requests import LoggedInApiRequest
from questionbank import access, selectors, serializers
from questionbank.models import Question
from questionbank.search import Search


class IsMentor(BasePermission):
    message = "Questions can be read by mentors; candidates meet them in interviews."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User) and is_mentor(request.user)


@extend_schema(parameters=[serializers.SearchSerializer])
class QuestionList(generics.ListAPIView[Question]):
    """The question bank, for mentors."""

    request: LoggedInApiRequest
    permission_classes = [IsAuthenticated, IsMentor]
    serializer_class = serializers.QuestionSerializer

    def get_queryset(self) -> QuerySet[Question]:
        asked = self.request.query_params
        serializers.SearchSerializer(data=asked).is_valid(raise_exception=True)
        return selectors.find_questions(self.request.user, Search.from_query(asked))[0]


class VersionDetail(APIView):
    """What one version of a question says, for mentors."""

    permission_classes = [IsAuthenticated, IsMentor]

    @extend_schema(responses=serializers.VersionSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID, number: int) -> Response:
        question = access.get_question(request.user, pk)
        version = get_object_or_404(selectors.with_parts(question.versions.all()), number=number)
        return Response(serializers.VersionSerializer(version).data)
