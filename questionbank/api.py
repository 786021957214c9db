"""The API of the question bank, for mentors."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.access import is_mentor
from people.models import User
from people.requests import LoggedInApiRequest
from questionbank import access, selectors, serializers
from questionbank.models import Difficulty, Kind, Question, VersionState
from questionbank.search import Search, Sort


class IsMentor(BasePermission):
    message = "Questions can be read by mentors; candidates meet them in interviews."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User) and is_mentor(request.user)


SEARCH = [
    OpenApiParameter("q", description='Words, "a phrase" or -word.'),
    OpenApiParameter("topic", description="A topic's slug: its questions and those of the topics below."),
    OpenApiParameter("state", enum=VersionState.values, description="Questions with a version in this state."),
    OpenApiParameter("kind", enum=Kind.values),
    OpenApiParameter("difficulty", enum=Difficulty.values),
    OpenApiParameter("author", OpenApiTypes.UUID, description="Who has written the newest version."),
    OpenApiParameter("sort", enum=[sort for sort in Sort.values if sort], description="Else best match, or topic."),
]


@extend_schema(parameters=SEARCH)
class QuestionList(generics.ListAPIView[Question]):
    """The question bank, for mentors."""

    request: LoggedInApiRequest
    permission_classes = [IsAuthenticated, IsMentor]
    serializer_class = serializers.QuestionSerializer

    def get_queryset(self) -> QuerySet[Question]:
        return selectors.find_questions(self.request.user, Search.from_query(self.request.query_params))[0]


class VersionDetail(APIView):
    """What one version of a question says, for mentors."""

    permission_classes = [IsAuthenticated, IsMentor]

    @extend_schema(responses=serializers.VersionSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID, number: int) -> Response:
        question = access.get_question(request.user, pk)
        version = get_object_or_404(selectors.with_parts(question.versions.all()), number=number)
        return Response(serializers.VersionSerializer(version).data)
