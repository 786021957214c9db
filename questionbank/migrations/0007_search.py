"""What the list of questions is searched by: a row for each question, written by triggers alone."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# Its newest version and the published one count: what candidates are asked, and what mentors are working on.
FORWARD = """
CREATE FUNCTION refresh_search_entries(questions uuid[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM questionbank_searchentry e
    WHERE e.question_id = ANY (questions)
      AND NOT EXISTS (SELECT FROM questionbank_questionversion v WHERE v.question_id = e.question_id);

    WITH newest AS (
        SELECT DISTINCT ON (question_id) question_id, id
        FROM questionbank_questionversion WHERE question_id = ANY (questions)
        ORDER BY question_id, number DESC
    ), live AS (
        SELECT v.id, v.question_id, v.number, v.title, v.prompt
        FROM questionbank_questionversion v JOIN newest n ON n.question_id = v.question_id
        WHERE v.id = n.id OR v.state = 'published'
    ), points AS (
        SELECT v.question_id,
               string_agg(k.claim || ' ' || array_to_string(k.accepted, ' '), ' ' ORDER BY v.number DESC, k.position) AS claims
        FROM live v JOIN questionbank_keypoint k ON k.version_id = v.id GROUP BY v.question_id
    ), said AS (
        SELECT v.question_id,
               string_agg(v.title, ' ' ORDER BY v.number DESC) AS titles,
               string_agg(v.prompt, ' ' ORDER BY v.number DESC) AS prompts
        FROM live v GROUP BY v.question_id
    )
    INSERT INTO questionbank_searchentry (question_id, newest_id, words, spelling, text)
    SELECT q.id, n.id,
           setweight(to_tsvector('english', s.titles || ' ' || replace(q.slug, '-', ' ')), 'A')
           || setweight(to_tsvector('english', s.prompts), 'B')
           || setweight(to_tsvector('english', coalesce(p.claims, '')), 'C'),
           concat_ws(' ', s.titles, replace(q.slug, '-', ' '), s.prompts),
           concat_ws(' ', s.prompts, p.claims)
    FROM newest n
    JOIN questionbank_question q ON q.id = n.question_id
    JOIN said s ON s.question_id = n.question_id
    LEFT JOIN points p ON p.question_id = n.question_id
    ORDER BY q.id
    ON CONFLICT (question_id) DO UPDATE
        SET newest_id = EXCLUDED.newest_id, words = EXCLUDED.words, spelling = EXCLUDED.spelling, text = EXCLUDED.text;
$$;

CREATE FUNCTION search_entries_of_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_search_entries(array(SELECT DISTINCT question_id FROM changed));
    RETURN NULL;
END $$;

CREATE FUNCTION search_entries_of_key_points() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_search_entries(array(
        SELECT DISTINCT v.question_id FROM changed c JOIN questionbank_questionversion v ON v.id = c.version_id
    ));
    RETURN NULL;
END $$;
"""
BACKWARD = """
DROP FUNCTION search_entries_of_key_points;
DROP FUNCTION search_entries_of_versions;
DROP FUNCTION refresh_search_entries;
"""

# By the statement, not the row: ten thousand questions come in one.
TRIGGER = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table}
    REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
SOURCES = {
    "search_entries_of_versions": "questionbank_questionversion",
    "search_entries_of_key_points": "questionbank_keypoint",
}
TRIGGERS = "".join(
    TRIGGER.format(name=name, table=table, event=event, side=side)
    for name, table in SOURCES.items()
    for event, side in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
)
NO_TRIGGERS = "".join(
    f"DROP TRIGGER {name}_{event} ON {table};"
    for name, table in SOURCES.items()
    for event in ("insert", "update", "delete")
)
FILL = "SELECT refresh_search_entries(array(SELECT id FROM questionbank_question));"


class Migration(migrations.Migration):
    dependencies = [("questionbank", "0006_imports_know_their_versions")]
    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="questionbank.question",
                    ),
                ),
                (
                    "newest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="questionbank.questionversion",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("spelling", models.TextField()),
                ("text", models.TextField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_by_words"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["spelling"], name="search_by_spelling", opclasses=["gin_trgm_ops"]
                    ),
                ]
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
