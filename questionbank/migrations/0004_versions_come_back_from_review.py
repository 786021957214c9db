"""A version in review may go back to being a draft; what it says is fixed for as long as it is in review."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
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
       OR (NEW.state = 'draft' {unless})
    THEN
        RAISE EXCEPTION 'version % is % and cannot be changed', OLD.number, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = FUNCTION.format(unless="AND OLD.state <> 'in_review'")
BACKWARD = FUNCTION.format(unless="")


class Migration(migrations.Migration):
    dependencies = [("questionbank", "0003_workshop")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
