"""Ending logins; and the one way round the append-only triggers: a person's erasure, when it is due.

Within it `erasing()` is that person, and what was written about them may be taken away, by the triggers that ask for it.
"""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION erasing() RETURNS uuid LANGUAGE sql AS $$
    SELECT user_id FROM people_erasure
    WHERE user_id = nullif(current_setting('greenroom.erasing', true), '')::uuid
      AND done_at IS NULL AND due_at <= clock_timestamp()
$$;

-- For triggers BEFORE UPDATE OR DELETE of tables that only grow. Arguments: the one column that an erasure may change,
-- what it must become, and a query of whose row it is ($1: the row as it was).
CREATE FUNCTION refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person uuid := erasing();
    owner uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND person IS NOT NULL THEN
        EXECUTE TG_ARGV[2] INTO owner USING OLD;
        IF owner = person
           AND to_jsonb(NEW) = jsonb_set(to_jsonb(OLD), ARRAY[TG_ARGV[0]], to_jsonb(TG_ARGV[1]))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

-- All addresses by which a person is known here.
CREATE FUNCTION addresses_of(person uuid) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT email FROM people_user WHERE id = person
    UNION SELECT email FROM account_emailaddress WHERE user_id = person
    UNION SELECT email FROM people_invitation WHERE accepted_by_id = person
$$;

-- said without any of a person's addresses, in whatever case and wherever they stand.
CREATE FUNCTION without_addresses(said jsonb, person uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    address text;
    result text := said::text;
BEGIN
    FOR address IN SELECT * FROM addresses_of(person) LOOP
        result := regexp_replace(
            result,
            '(?<![\\w.+%-])' || regexp_replace(address, '([^\\w@])', '\\\\\\1', 'g') || '(?![\\w-]|\\.\\w)',
            '(erased)', 'gi'
        );
    END LOOP;
    RETURN result::jsonb;
END $$;

CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person uuid := erasing();
    left_over jsonb;
BEGIN
    IF TG_OP = 'UPDATE' AND person IS NOT NULL THEN
        left_over := without_addresses(OLD.detail, person);
        IF to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail'
           AND NEW.detail IN (left_over, jsonb_set(left_over, '{reason}', '"(erased)"', false))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER audit_is_append_only ON people_auditentry;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON people_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
"""
BACKWARD = """
DROP TRIGGER audit_is_append_only ON people_auditentry;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON people_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_change_of_audit();
DROP FUNCTION without_addresses(jsonb, uuid);
DROP FUNCTION addresses_of(uuid);
DROP FUNCTION refuse_change_but_erasure();
DROP FUNCTION erasing();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_cohorts_members_erasure"), ("account", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="logins_ended",
            field=models.PositiveIntegerField(
                default=0,
                editable=False,
                help_text="Moves when all logins end: sessions begun before are worth nothing.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
