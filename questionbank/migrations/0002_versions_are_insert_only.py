"""A version that is no draft keeps what it says for ever; so do its parts. Only its state may move on."""

from django.db import migrations

PARTS = ["referenceanswer", "keypoint", "misconception", "exemplar", "source"]

FORWARD = """
CREATE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'version % is % and cannot be deleted', OLD.number, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.question_id, NEW.number, NEW.title, NEW.prompt, NEW.kind, NEW.difficulty, NEW.minutes, NEW.content_hash)
        IS DISTINCT FROM
       (OLD.question_id, OLD.number, OLD.title, OLD.prompt, OLD.kind, OLD.difficulty, OLD.minutes, OLD.content_hash)
       OR NEW.state = 'draft'
    THEN
        RAISE EXCEPTION 'version % is % and cannot be changed', OLD.number, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_is_insert_only BEFORE UPDATE OR DELETE ON questionbank_questionversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version();

CREATE FUNCTION refuse_change_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version_state text;
BEGIN
    -- An UPDATE may name two versions. One that is gone already was a draft: its parts go with it.
    SELECT state INTO version_state FROM questionbank_questionversion
        WHERE id IN (OLD.version_id, NEW.version_id) AND state <> 'draft' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of a % version: % refused', TG_TABLE_NAME, version_state, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {part}_of_draft_only BEFORE INSERT OR UPDATE OR DELETE ON questionbank_{part}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_part();
"""
    for part in PARTS
)
BACKWARD = (
    "".join(f"DROP TRIGGER {part}_of_draft_only ON questionbank_{part};" for part in PARTS)
    + """
DROP TRIGGER version_is_insert_only ON questionbank_questionversion;
DROP FUNCTION refuse_change_of_part();
DROP FUNCTION refuse_change_of_version();
"""
)


class Migration(migrations.Migration):
    dependencies = [("questionbank", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
