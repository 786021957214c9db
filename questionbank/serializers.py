"""How questions look to mentors' programs."""

from typing import Any

from rest_framework import serializers

from questionbank.models import Difficulty, Kind, Question, QuestionVersion, VersionState
from questionbank.search import Sort
from questionbank.selectors import content_of


class SearchSerializer(serializers.Serializer[Any]):
    """What an address may ask of the list. Pages ask for nothing where they do not know a value; programs are told."""

    q = serializers.CharField(required=False, allow_blank=True, help_text='Words, "a phrase" or -word.')
    topic = serializers.CharField(
        required=False, allow_blank=True, help_text="A topic's slug: its questions and those of the topics below."
    )
    state = serializers.ChoiceField(
        VersionState.choices, required=False, help_text="Questions with a version in this state."
    )
    kind = serializers.ChoiceField(Kind.choices, required=False)
    difficulty = serializers.ChoiceField(Difficulty.choices, required=False)
    author = serializers.UUIDField(required=False, help_text="Who has written the newest version.")
    sort = serializers.ChoiceField(
        [choice for choice in Sort.choices if choice[0]], required=False, help_text="Else best match, or topic."
    )


class VersionLineSerializer(serializers.ModelSerializer[QuestionVersion]):
    class Meta:
        model = QuestionVersion
        fields = ["number", "state", "title", "difficulty", "minutes", "created_at", "published_at"]
        read_only_fields = fields


class QuestionSerializer(serializers.ModelSerializer[Question]):
    topic: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    versions = VersionLineSerializer(many=True, read_only=True)

    class Meta:
        model = Question
        fields = ["id", "slug", "topic", "versions"]
        read_only_fields = fields


class VersionSerializer(serializers.Serializer[Any]):
    """One version in the pack format's own form."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    content = serializers.SerializerMethodField(help_text="The question as docs/pack-format.md describes it.")

    def get_content(self, version: QuestionVersion) -> dict[str, Any]:
        return content_of(version).to_dict()
