"""The API of interviews: the same verbs as the pages, for programs."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from interview import access, serializers
from interview.models import Assignment, Interview, Mode
from interview.selectors import results
from interview.selectors.assignments import assigned_to
from interview.services import assignments, interviews
from people.access import get_administered_cohort, get_led_cohort, holds_role
from people.clock import database_now
from people.models import Role, User
from people.requests import LoggedInApiRequest
from questionbank.models import Track
from questionbank.selectors import tracks

NOT_ENOUGH_QUESTIONS = OpenApiResponse(
    serializers.RefusalSerializer, "The bank has fewer questions than the track asks for (not_enough_questions)."
)
TOO_LONG = OpenApiResponse(
    serializers.RefusalSerializer,
    "The text is too long (too_long), or the key came with another text (idempotency_key_reused).",
)


class TrackList(generics.ListAPIView[Track]):
    """The tracks that can be started."""

    request: LoggedInApiRequest
    serializer_class = serializers.TrackSerializer

    def get_queryset(self) -> QuerySet[Track]:
        return tracks()


class TrackDetail(generics.RetrieveAPIView[Track]):
    """One track with its sections."""

    request: LoggedInApiRequest
    serializer_class = serializers.TrackSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Track]:
        return tracks()


class InterviewList(generics.ListAPIView[Interview]):
    """One's own interviews, the newest first."""

    request: LoggedInApiRequest
    serializer_class = serializers.InterviewSerializer

    def get_queryset(self) -> QuerySet[Interview]:
        return Interview.objects.visible_to(self.request.user).select_related("track")

    @extend_schema(
        request=serializers.StartSerializer,
        responses={201: serializers.InterviewDetailSerializer, 409: NOT_ENOUGH_QUESTIONS},
    )
    def post(self, request: LoggedInApiRequest) -> Response:
        """Start an interview: its questions are drawn, and a mock's clock runs."""
        asked_for = serializers.StartSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        data = asked_for.validated_data
        interview = interviews.start_interview(
            candidate=request.user, track=data["track"], mode=Mode(data["mode"]), now=database_now()
        )
        return Response(_detail(interview), status=201)


def _detail(interview: Interview) -> dict[str, Any]:
    found = Interview.objects.select_related("track").prefetch_related(
        "questions__version", "questions__draft", "questions__answer"
    )
    return dict(
        serializers.InterviewDetailSerializer(found.get(pk=interview.pk), context={"now": database_now()}).data
    )


class InterviewDetail(APIView):
    @extend_schema(responses=serializers.InterviewDetailSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """One's own interview with its questions and drafts."""
        return Response(_detail(access.get_interview(request.user, pk)))


class Finish(APIView):
    @extend_schema(request=None, responses=serializers.InterviewDetailSerializer)
    def post(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """Finish the interview: what is saved is submitted. Finishing twice changes nothing."""
        interview = access.get_interview(request.user, pk)
        return Response(_detail(interviews.finish(interview=interview, now=database_now())))


class DraftDetail(APIView):
    @extend_schema(
        request=serializers.DraftSerializer,
        responses={
            200: serializers.SavedDraftSerializer,
            409: OpenApiResponse(
                serializers.ConflictSerializer, "Saved elsewhere meanwhile: choose a text, save it again."
            ),
            422: TOO_LONG,
        },
    )
    def put(self, request: LoggedInApiRequest, pk: UUID, position: int) -> Response:
        """Save the draft of a question over the revision it is based on."""
        asked = access.get_asked_to_save(request.user, pk, position)
        draft = serializers.DraftSerializer(data=request.data)
        draft.is_valid(raise_exception=True)
        saved = interviews.save_draft(asked=asked, now=database_now(), **draft.validated_data)
        return Response(serializers.SavedDraftSerializer(saved).data)


class FlagDetail(APIView):
    @extend_schema(request=serializers.FlagSerializer, responses=serializers.FlagSerializer)
    def put(self, request: LoggedInApiRequest, pk: UUID, position: int) -> Response:
        """Flag a question to come back to, or take the flag away, while the interview runs."""
        asked = access.get_asked(request.user, pk, position)
        flag = serializers.FlagSerializer(data=request.data)
        flag.is_valid(raise_exception=True)
        interviews.flag_question(asked=asked, **flag.validated_data)
        return Response(flag.data)


class AnswerDetail(APIView):
    @extend_schema(
        request=serializers.TextSerializer,
        responses={201: serializers.AnswerSerializer, 422: TOO_LONG},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.UUID,
                OpenApiParameter.HEADER,
                required=True,
                description="A new UUID for each submission; the same one when sending the same submission again.",
            )
        ],
    )
    def post(self, request: LoggedInApiRequest, pk: UUID, position: int) -> Response:
        """Submit the answer to a practice question; it is then graded."""
        asked = access.get_asked(request.user, pk, position)
        body = serializers.TextSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        answer = interviews.submit_answer(
            asked=asked, text=body.validated_data["text"], idempotency_key=_key(request), now=database_now()
        )
        return Response(serializers.AnswerSerializer(answer).data, status=201)


def _key(request: LoggedInApiRequest) -> UUID:
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as error:
        raise ValidationError(
            {"Idempotency-Key": ["Send a UUID in this header, a new one for each submission."]}
        ) from error


class QuestionResultDetail(APIView):
    @extend_schema(responses=serializers.QuestionResultSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID, position: int) -> Response:
        """The grade of one practised answer; of a mock only once it is finished."""
        asked = access.get_asked(request.user, pk, position)
        if asked.interview.is_mock and asked.interview.is_running:
            raise interviews.Closed("A mock interview shows its results when it is finished.")
        return Response(serializers.QuestionResultSerializer(results.result_of_question(asked)).data)


class ResultDetail(APIView):
    @extend_schema(responses=serializers.InterviewResultSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """The results of a finished interview."""
        interview = access.get_interview(request.user, pk)
        if interview.is_running:
            raise interviews.Closed("This interview is still running; finish it to see its results.")
        return Response(serializers.InterviewResultSerializer(results.result_of(interview)).data)


class AssignedList(APIView):
    @extend_schema(responses=serializers.AssignedSerializer(many=True))
    def get(self, request: LoggedInApiRequest) -> Response:
        """What is assigned to oneself: first what is to be done, by its due date."""
        found = assigned_to(request.user, database_now())
        return Response(serializers.AssignedSerializer(found, many=True).data)


class AssignedStart(APIView):
    @extend_schema(request=None, responses={201: serializers.InterviewDetailSerializer, 409: NOT_ENOUGH_QUESTIONS})
    def post(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """Start an attempt at what is assigned to oneself, or get the one that runs: asked twice, one is started."""
        assignment = access.get_assigned(request.user, pk)
        interview = assignments.start_assigned(candidate=request.user, assignment=assignment, now=database_now())
        return Response(_detail(interview), status=201)


class LeadsACohort(BasePermission):
    """Mentors and admins of a cohort read; admins write."""

    message = "This is for people who lead a cohort; its admins alone may change something."

    def has_permission(self, request: Request, view: APIView) -> bool:
        roles = Role.leading() if request.method in SAFE_METHODS else [Role.ADMIN]
        return isinstance(request.user, User) and holds_role(request.user, *roles)


class CohortAssignments(generics.ListAPIView[Assignment]):
    """What is assigned to a cohort that one leads, by due date, withdrawn ones among it."""

    request: LoggedInApiRequest
    permission_classes = [IsAuthenticated, LeadsACohort]
    serializer_class = serializers.AssignmentSerializer

    def get_queryset(self) -> QuerySet[Assignment]:
        cohort = get_led_cohort(self.request.user, self.kwargs["pk"])
        return Assignment.objects.filter(cohort=cohort).select_related("track")

    @extend_schema(responses={201: serializers.AssignmentSerializer})
    def post(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """Assign a track to a cohort that one administers. The same sent twice assigns once."""
        cohort = get_administered_cohort(request.user, pk)
        asked_for = serializers.AssignmentSerializer(data=request.data)
        asked_for.is_valid(raise_exception=True)
        terms = assignments.Terms(**asked_for.validated_data)
        try:
            made = assignments.assign(cohort=cohort, terms=terms, actor=request.user, now=database_now())
        except Invalid as error:
            said = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
            raise ValidationError(said) from error
        return Response(serializers.AssignmentSerializer(made).data, status=201)
