"""The API of cohorts' dashboards: the numbers of their pages, narrowed by the same filters, for programs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from analytics import serializers
from analytics.access import get_compared
from analytics.filters import Attempts, Filters, candidates_of
from analytics.forms import FilterForm
from analytics.selectors import dashboard
from analytics.selectors.heatmaps import name_points
from interview.api import LeadsACohort
from interview.models import Mode
from people.access import get_led_cohort
from people.clock import database_now
from people.models import Cohort
from people.requests import LoggedInApiRequest

FILTERS = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day, in your time zone."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day."),
    OpenApiParameter("track", description="A track's slug."),
    OpenApiParameter("assignment", OpenApiTypes.UUID),
    OpenApiParameter("mode", enum=Mode.values),
    OpenApiParameter("attempts", enum=Attempts.values, description="First attempts, unless you say otherwise."),
    OpenApiParameter("topic", description="A topic's slug: its questions and those of the topics below."),
]
PAGES = [OpenApiParameter("page", OpenApiTypes.INT), OpenApiParameter("page_size", OpenApiTypes.INT)]
OTHERS = OpenApiParameter(
    "with", OpenApiTypes.UUID, many=True, description="Other cohorts that you lead, five at most."
)


class CohortList(generics.ListAPIView[Cohort]):
    """The cohorts that one leads, archived ones among them."""

    request: LoggedInApiRequest
    permission_classes = [IsAuthenticated, LeadsACohort]
    serializer_class = serializers.CohortSerializer

    def get_queryset(self) -> QuerySet[Cohort]:
        return Cohort.objects.visible_to(self.request.user)


class OfACohort(generics.GenericAPIView[Any]):
    """What the views of one cohort share."""

    permission_classes = [IsAuthenticated, LeadsACohort]

    def page(
        self, rows: Sequence[Any], serializer: type[BaseSerializer[Any]], beside: dict[str, Any] | None = None
    ) -> Response:
        """Return the page of rows that is asked for, with what stands beside every page."""
        response = self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)
        response.data |= beside or {}
        return response


def _filters(request: LoggedInApiRequest, cohort: Cohort) -> Filters:
    """Return what the address asks for; raise ValidationError where it cannot be read."""
    form = FilterForm(request.query_params, cohort=cohort)
    if not form.is_valid():
        raise ValidationError(
            {field: [one["message"] for one in said] for field, said in form.errors.get_json_data().items()}
        )
    return form.filters


def _asked(query: type[BaseSerializer[Any]], request: LoggedInApiRequest) -> dict[str, Any]:
    """Return what the address asks for beside the filters; raise ValidationError where it cannot be read."""
    read = query(data=request.query_params)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


class OverviewDetail(OfACohort):
    @extend_schema(parameters=FILTERS, responses=serializers.OverviewSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """How a cohort does: scores, weeks, time on task, who may need a word, who has done what."""
        cohort = get_led_cohort(request.user, pk)
        found = dashboard.overview(cohort, _filters(request, cohort), database_now())
        return Response(serializers.OverviewSerializer(found).data)


class CandidatesDetail(OfACohort):
    @extend_schema(parameters=[*FILTERS, *PAGES], responses=serializers.CandidatesPageSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """What each candidate has answered, and the time they give to it; by name."""
        cohort = get_led_cohort(request.user, pk)
        rows = dashboard.candidate_table(cohort, _filters(request, cohort))
        return self.page(rows, serializers.CandidateRowSerializer)


class TopicsDetail(OfACohort):
    @extend_schema(parameters=[*FILTERS, *PAGES], responses=serializers.TopicsPageSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """The mean scores of candidates by topic; by name."""
        cohort = get_led_cohort(request.user, pk)
        found = dashboard.topics(cohort, _filters(request, cohort))
        return self.page(found.rows, serializers.TopicsRowSerializer, serializers.TopicMapSerializer(found).data)


class PointsDetail(OfACohort):
    @extend_schema(parameters=[*FILTERS, *PAGES], responses=serializers.PointsPageSerializer)
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """What candidates do with each key point in their first answer; those most left out come first."""
        cohort = get_led_cohort(request.user, pk)
        rows = dashboard.points(cohort, _filters(request, cohort))
        name_points(rows)
        return self.page(rows, serializers.PointRowSerializer)


class ProgressDetail(OfACohort):
    @extend_schema(
        parameters=[serializers.ProgressQuerySerializer, *PAGES], responses=serializers.ProgressPageSerializer
    )
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """Who has done what by when; by name."""
        cohort = get_led_cohort(request.user, pk)
        by_track = _asked(serializers.ProgressQuerySerializer, request)["by"] == "track"
        found = dashboard.progress(list(candidates_of(cohort)), cohort, database_now(), by_track=by_track)
        return self.page(found.rows, serializers.ProgressRowSerializer, serializers.ColumnsSerializer(found).data)


class ComparisonDetail(OfACohort):
    @extend_schema(
        parameters=[*FILTERS, OTHERS, serializers.ComparisonQuerySerializer],
        responses=serializers.ComparisonSerializer,
    )
    def get(self, request: LoggedInApiRequest, pk: UUID) -> Response:
        """Cohorts side by side by first attempts; with a track, that before and after its questions changed."""
        cohort = get_led_cohort(request.user, pk)
        cohorts = get_compared(request.user, cohort, request.query_params.getlist("with"))
        filters = _filters(request, cohort)
        day = _asked(serializers.ComparisonQuerySerializer, request).get("change")
        found = dashboard.comparison(cohorts, filters, day)
        return Response(serializers.ComparisonSerializer(found).data)
