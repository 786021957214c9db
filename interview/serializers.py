"""How interviews look to programs. No reference answer or key point shows before the answer is submitted."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from interview.models import Assignment, Interview, InterviewQuestion, Mode
from interview.selectors.assignments import Stage, Standing
from interview.selectors.results import InterviewResult, QuestionResult
from questionbank.models import Track, TrackSection

TYPES: dict[type[serializers.Field[Any, Any, Any, Any]], type] = {
    serializers.BooleanField: bool,
    serializers.CharField: str,
    serializers.IntegerField: int,
}


class AsTyped(serializers.Serializer[Any]):
    """Takes what programs send for what it is: 0 is not false, "1" no number and 1 no text."""

    def to_internal_value(self, data: Any) -> Any:
        wrong = {
            name: [field.error_messages["invalid"]]
            for name, field in self.fields.items()
            for known, wanted in TYPES.items()
            if type(field) is known and isinstance(data, dict) and type(data.get(name)) not in (wanted, type(None))
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class TrackSectionSerializer(serializers.ModelSerializer[TrackSection]):
    topic: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = TrackSection
        fields = ["title", "topic", "count", "minutes", "difficulties"]


class TrackSerializer(serializers.ModelSerializer[Track]):
    sections = TrackSectionSerializer(many=True, read_only=True)

    class Meta:
        model = Track
        fields = ["slug", "title", "description", "minutes", "sections"]


class AskedSerializer(serializers.ModelSerializer[InterviewQuestion]):
    """A question as asked: what the candidate may see while answering."""

    title = serializers.CharField(source="version.title", read_only=True)
    prompt = serializers.CharField(source="version.prompt", read_only=True)
    minutes = serializers.IntegerField(source="version.minutes", read_only=True)
    text = serializers.CharField(read_only=True, help_text="The draft, or the submitted answer.")
    revision = serializers.IntegerField(read_only=True, help_text="The draft's revision; 0 before the first save.")
    is_submitted = serializers.BooleanField(read_only=True)

    class Meta:
        model = InterviewQuestion
        fields = ["position", "section", "title", "prompt", "minutes", "flagged", "text", "revision", "is_submitted"]


class InterviewSerializer(serializers.ModelSerializer[Interview]):
    track: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Interview
        fields = [
            "id",
            "track",
            "assignment",
            "mode",
            "started_at",
            "deadline_at",
            "finished_at",
            "minutes",
            "extra_time_factor",
        ]
        read_only_fields = fields


class StartSerializer(serializers.Serializer[Any]):
    track = serializers.SlugRelatedField(slug_field="slug", queryset=Track.objects.all())
    mode = serializers.ChoiceField(choices=Mode.choices)


class InterviewDetailSerializer(InterviewSerializer):
    questions = AskedSerializer(many=True, read_only=True)
    remaining_ms = serializers.SerializerMethodField(help_text="Until the deadline; null without one.")

    class Meta(InterviewSerializer.Meta):
        fields = [*InterviewSerializer.Meta.fields, "remaining_ms", "questions"]

    def get_remaining_ms(self, interview: Interview) -> int | None:
        return interview.remaining_ms(self.context["now"])


class TextSerializer(AsTyped):
    """A text as typed: its spaces, indents and blank lines are kept. Its length is the services' matter (422)."""

    text = serializers.CharField(
        allow_blank=True,
        trim_whitespace=False,
        help_text=f"At most {settings.ANSWER_MAX_CHARACTERS:,} characters.",
    )


class DraftSerializer(TextSerializer):
    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 2, help_text="The revision this edit is based on."
    )


class SavedDraftSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class RefusalSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    code = serializers.CharField()


class ConflictSerializer(RefusalSerializer):
    text = serializers.CharField(help_text="What the server holds.")
    revision = serializers.IntegerField()


class FlagSerializer(AsTyped):
    flagged = serializers.BooleanField(help_text="Whether the candidate wants to come back to the question.")


class AnswerSerializer(serializers.Serializer[Any]):
    """A submitted answer and how far its grading is."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    state = serializers.CharField(source="job.state", help_text="pending, running, graded or needs_review.")


class MarkSerializer(serializers.Serializer[Any]):
    key_point = serializers.CharField(source="key_point.claim")
    weight = serializers.IntegerField(source="key_point.weight")
    mark = serializers.CharField()
    evidence = serializers.CharField(help_text="The sentence of the answer that the mark rests on.")
    evidence_start = serializers.IntegerField(source="machine.evidence_start", allow_null=True, default=None)
    evidence_end = serializers.IntegerField(source="machine.evidence_end", allow_null=True, default=None)
    similarity = serializers.FloatField(source="machine.similarity", allow_null=True, default=None)
    threshold = serializers.FloatField(source="machine.threshold", allow_null=True, default=None)
    certainty = serializers.CharField(
        help_text="How sure the grader is of its own mark: clearly, only just, not sure, or empty."
    )
    score_with = serializers.FloatField(
        allow_null=True, help_text="The score (0–100) that the answer would have with this point; null where no gain."
    )
    overridden = serializers.BooleanField(source="is_overridden")


class QuestionResultSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(source="asked.position")
    title = serializers.CharField(source="asked.version.title")
    state = serializers.SerializerMethodField(help_text="not_answered, pending, running, graded or needs_review.")
    text = serializers.CharField(source="asked.text")
    score = serializers.FloatField(source="shown.score", allow_null=True, default=None, help_text="0–100.")
    confidence = serializers.FloatField(source="shown.grade.confidence", allow_null=True, default=None)
    flags = serializers.ListField(source="shown.grade.flags", allow_null=True, default=None)
    doubts = serializers.ListField(
        source="shown.grade.doubts", allow_null=True, default=None, help_text="Why a mentor should look at the grade."
    )
    marks = MarkSerializer(source="shown.marks", many=True, allow_null=True, default=None)
    references = serializers.SerializerMethodField(help_text="The reference answers, once the answer is submitted.")
    reviewed_by = serializers.CharField(source="shown.review.reviewer.display_name", allow_null=True, default=None)
    reason = serializers.CharField(source="shown.review.reason", allow_null=True, default=None)
    graded_again_because = serializers.CharField(source="shown.regrade.reason", allow_null=True, default=None)
    receipt = serializers.DictField(source="shown.grade.receipt", allow_null=True, default=None)

    def get_state(self, result: QuestionResult) -> str:
        return str(result.job.state) if result.job else "not_answered"

    def get_references(self, result: QuestionResult) -> list[str]:
        return [reference.text for reference in result.job.version.references.all()] if result.job else []


class InterviewResultSerializer(serializers.Serializer[InterviewResult]):
    interview = serializers.UUIDField(source="interview.pk")
    is_complete = serializers.BooleanField(help_text="Whether no answer is being graded any more.")
    score = serializers.FloatField(allow_null=True, help_text="Mean of the graded answers, 0–100.")
    questions = QuestionResultSerializer(many=True)


class AssignedSerializer(serializers.Serializer[Any]):
    """An assignment as its candidate meets it."""

    id = serializers.UUIDField(source="assignment.pk")
    cohort = serializers.CharField(source="assignment.cohort.name")
    track = serializers.SlugField(source="assignment.track.slug")
    title = serializers.CharField(source="assignment.track.title")
    mode = serializers.ChoiceField(source="assignment.mode", choices=Mode.choices)
    note = serializers.CharField(source="assignment.note")
    opens_at = serializers.DateTimeField(source="assignment.opens_at")
    due_at = serializers.DateTimeField(source="assignment.due_at")
    closes_at = serializers.DateTimeField(source="assignment.closes_at")
    attempts = serializers.IntegerField(source="assignment.attempts", allow_null=True, help_text="Null: no limit.")
    attempts_left = serializers.IntegerField(allow_null=True, help_text="Null: no limit.")
    stage = serializers.ChoiceField(choices=[(stage.value, stage.value) for stage in Stage])
    standing = serializers.ChoiceField(choices=[(standing.value, standing.value) for standing in Standing])
    can_start = serializers.BooleanField()
    running = serializers.UUIDField(source="running.pk", allow_null=True, default=None, help_text="Its interview.")
    finished = serializers.UUIDField(
        source="finished.pk", allow_null=True, default=None, help_text="The interview that counts: the first finished."
    )


class AssignmentSerializer(AsTyped, serializers.ModelSerializer[Assignment]):
    """An assignment as those who lead its cohort make it. Times count to the minute."""

    track = serializers.SlugRelatedField(slug_field="slug", queryset=Track.objects.all())
    opens_at = serializers.DateTimeField(required=False, help_text="Left out: at once.")

    class Meta:
        model = Assignment
        fields = [
            "id",
            "cohort",
            "track",
            "mode",
            "note",
            "opens_at",
            "due_at",
            "closes_at",
            "attempts",
            "reminds",
            "created_at",
            "withdrawn_at",
        ]
        read_only_fields = ["id", "cohort", "created_at", "withdrawn_at"]
        extra_kwargs = {"attempts": {"min_value": 1, "max_value": 99}}
