"""How a cohort's dashboard looks to programs: the numbers of its pages, not rounded, under their own names."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics.estimates import Difference, Estimate
from analytics.item_statistics import Quartiles
from analytics.selectors.candidates import AtRisk, CandidateRow
from analytics.selectors.comparisons import Pair, QuestionPair, TopicRow, VersionComparison
from analytics.selectors.dashboard import Comparison, Overview
from analytics.selectors.heatmaps import Cell, PointRow, TopicMap
from analytics.selectors.heatmaps import Row as TopicsRow
from analytics.selectors.overview import Distribution, TimeOnTask, Week
from analytics.selectors.progress import Cell as ProgressCell
from analytics.selectors.progress import Column, Progress, ProgressRow
from people.models import Cohort, User
from questionbank.models import Topic


class CohortSerializer(serializers.ModelSerializer[Cohort]):
    class Meta:
        model = Cohort
        fields = ["id", "name", "archived_at"]


class PersonSerializer(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="display_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "name", "email"]


class DashboardTopicSerializer(serializers.ModelSerializer[Topic]):
    class Meta:
        model = Topic
        fields = ["slug", "title"]


class EstimateSerializer(serializers.Serializer[Estimate]):
    """The mean (0 to 100) of n candidates' own means."""

    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, help_text="Where the 95 % interval begins; null for one candidate.")
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(help_text="Candidates.")
    answers = serializers.IntegerField()
    is_small = serializers.BooleanField(help_text="Fewer than five candidates: it says little.")


class DifferenceSerializer(serializers.Serializer[Difference]):
    """How many points one mean lies above another, with its 95 % interval (Welch)."""

    points = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    is_clear = serializers.BooleanField(help_text="Whether the interval leaves out 0.")


class QuartilesSerializer(serializers.Serializer[Quartiles]):
    low = serializers.FloatField()
    median = serializers.FloatField()
    high = serializers.FloatField()


class PageSerializer(serializers.Serializer[Any]):
    """What every page of a long list says beside its results."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


# --- What is asked for, beside the filters ------------------------------------------------------------------


class ProgressQuerySerializer(serializers.Serializer[Any]):
    by = serializers.ChoiceField(
        ["assignment", "track"], default="assignment", help_text="Assignments, unless you say otherwise."
    )


class ComparisonQuerySerializer(serializers.Serializer[Any]):
    change = serializers.DateField(required=False, help_text="The day of a change of questions, or else the latest.")


# --- The overview -------------------------------------------------------------------------------------------


class BandSerializer(serializers.Serializer[Any]):
    scores = serializers.CharField()
    answers = serializers.IntegerField()


class DistributionSerializer(serializers.Serializer[Distribution]):
    n = serializers.IntegerField(help_text="Answers.")
    candidates = serializers.IntegerField()
    mean = serializers.FloatField(help_text="Of the answers.")
    quartiles = QuartilesSerializer()
    bands = serializers.SerializerMethodField()

    @extend_schema_field(BandSerializer(many=True))
    def get_bands(self, found: Distribution) -> list[dict[str, Any]]:
        return [{"scores": scores, "answers": answers} for scores, answers in found.bands]


class WeekSerializer(serializers.Serializer[Week]):
    monday = serializers.DateField()
    estimate = EstimateSerializer(allow_null=True)
    is_running = serializers.BooleanField()


class TimeOnTaskSerializer(serializers.Serializer[TimeOnTask]):
    n = serializers.IntegerField(help_text="Timed answers.")
    candidates = serializers.IntegerField()
    minutes = QuartilesSerializer(help_text="A question.")


class ReasonSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    words = serializers.CharField()


class AtRiskSerializer(serializers.Serializer[AtRisk]):
    candidate = PersonSerializer()
    active_at = serializers.DateTimeField(allow_null=True)
    reasons = ReasonSerializer(many=True)


class ColumnSerializer(serializers.Serializer[Column]):
    """An assignment, or a track that candidates have begun."""

    title = serializers.CharField()
    assignment = serializers.UUIDField(source="assignment.pk", default=None, allow_null=True)
    due_at = serializers.DateTimeField(source="assignment.due_at", default=None, allow_null=True)
    counts = serializers.SerializerMethodField(help_text="How many candidates are how far.")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, column: Column) -> dict[str, int]:
        return dict(column.counts)


class OverviewSerializer(serializers.Serializer[Overview]):
    candidates = serializers.IntegerField()
    at_work = serializers.IntegerField()
    mean_score = EstimateSerializer(source="overall", allow_null=True)
    distribution = DistributionSerializer(allow_null=True)
    weeks = WeekSerializer(many=True)
    time = TimeOnTaskSerializer(allow_null=True)
    at_risk = AtRiskSerializer(many=True, help_text="Whatever the filter.")
    assignments = ColumnSerializer(source="columns", many=True, help_text="Whatever the filter.")


class CandidateRowSerializer(serializers.Serializer[CandidateRow]):
    candidate = PersonSerializer()
    active_at = serializers.DateTimeField(allow_null=True)
    answers = serializers.IntegerField(help_text="n of the mean and of what is empty.")
    mean = serializers.FloatField(allow_null=True)
    empty = serializers.IntegerField()
    timed = serializers.IntegerField(help_text="n of the minutes.")
    minutes = serializers.FloatField(allow_null=True, help_text="Median of a question.")
    minutes_a_week = serializers.FloatField(allow_null=True)


class CandidatesPageSerializer(PageSerializer):
    results = CandidateRowSerializer(many=True)


# --- Who has done what --------------------------------------------------------------------------------------


class ProgressCellSerializer(serializers.Serializer[ProgressCell]):
    state = serializers.CharField(source="words")
    at = serializers.DateTimeField(allow_null=True, help_text="When it was finished.")


class ProgressRowSerializer(serializers.Serializer[ProgressRow]):
    candidate = PersonSerializer()
    active_at = serializers.DateTimeField(allow_null=True)
    done = serializers.IntegerField()
    cells = ProgressCellSerializer(many=True, help_text="One for each of columns.")


class ColumnsSerializer(serializers.Serializer[Progress]):
    columns = ColumnSerializer(many=True)


class ProgressPageSerializer(ColumnsSerializer, PageSerializer):
    results = ProgressRowSerializer(many=True)


# --- Heat maps ----------------------------------------------------------------------------------------------


class TopicCellSerializer(serializers.Serializer[Cell]):
    """The mean score of n answers by one candidate."""

    mean = serializers.FloatField()
    n = serializers.IntegerField()


class TopicsRowSerializer(serializers.Serializer[TopicsRow]):
    candidate = PersonSerializer()
    overall = TopicCellSerializer(allow_null=True)
    cells = serializers.ListField(child=TopicCellSerializer(allow_null=True), help_text="One for each of topics.")


class TopicMapSerializer(serializers.Serializer[TopicMap]):
    topics = DashboardTopicSerializer(many=True)
    overall = EstimateSerializer(allow_null=True, help_text="Of the cohort.")
    means = serializers.ListField(child=EstimateSerializer(allow_null=True), help_text="One for each of topics.")


class TopicsPageSerializer(TopicMapSerializer, PageSerializer):
    results = TopicsRowSerializer(many=True)


class PointRowSerializer(serializers.Serializer[PointRow]):
    question = serializers.UUIDField()
    slug = serializers.CharField()
    claim = serializers.CharField()
    title = serializers.CharField(help_text="Of the question.")
    topic = serializers.CharField()
    n = serializers.IntegerField(help_text="Candidates.")
    marks = serializers.DictField(child=serializers.IntegerField(), help_text="How many candidates have each mark.")
    left_out = serializers.IntegerField()
    is_small = serializers.BooleanField(help_text="Fewer than five candidates: it says little.")
    is_often = serializers.BooleanField(help_text="Left out by 70 % of five candidates or more.")


class PointsPageSerializer(PageSerializer):
    results = PointRowSerializer(many=True)


# --- Comparisons --------------------------------------------------------------------------------------------


class CompareRowSerializer(serializers.Serializer[TopicRow]):
    topic = DashboardTopicSerializer(allow_null=True, help_text="Null: all of them.")
    cells = serializers.ListField(child=EstimateSerializer(allow_null=True), help_text="One for each of cohorts.")


class PairSerializer(serializers.Serializer[Pair]):
    before = EstimateSerializer()
    after = EstimateSerializer()
    difference = DifferenceSerializer(allow_null=True)


class QuestionPairSerializer(serializers.Serializer[QuestionPair]):
    question = serializers.UUIDField(source="later.question_id")
    title = serializers.CharField(source="later.title")
    earlier = serializers.IntegerField(source="earlier.number")
    later = serializers.IntegerField(source="later.number")
    means = PairSerializer(source="pair")


class VersionComparisonSerializer(serializers.Serializer[VersionComparison]):
    days = serializers.ListField(child=serializers.DateField())
    day = serializers.DateField(allow_null=True)
    changed = QuestionPairSerializer(many=True)
    unchanged = QuestionPairSerializer(many=True)
    whole_changed = PairSerializer(allow_null=True)
    whole_unchanged = PairSerializer(allow_null=True)
    one_sided = serializers.IntegerField()


class ApartSerializer(serializers.Serializer[Any]):
    cohort = serializers.UUIDField()
    apart = DifferenceSerializer()


class ComparisonSerializer(serializers.Serializer[Comparison]):
    cohorts = CohortSerializer(source="cohorts.cohorts", many=True)
    overall = CompareRowSerializer(source="cohorts.overall")
    topics = CompareRowSerializer(source="cohorts.topics", many=True)
    differences = serializers.SerializerMethodField(help_text="How far the first cohort lies above each other one.")
    versions = VersionComparisonSerializer(allow_null=True, help_text="Null without a track.")

    @extend_schema_field(ApartSerializer(many=True))
    def get_differences(self, found: Comparison) -> list[dict[str, Any]]:
        named = [{"cohort": cohort.pk, "apart": apart} for cohort, apart in found.cohorts.differences]
        return list(ApartSerializer(named, many=True).data)
