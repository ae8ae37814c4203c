import { BaseSchema } from '@adonisjs/lucid/schema'

/** What stays of usage events whose partition was dropped: every total that is told of them. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- A quarter of an hour is the finest step between time zones: days add up in each of them.
      create table usage_totals (
        account_id text not null,
        -- Of the partition, by when the jobs were created.
        month date not null,
        -- When what is summed was recorded: the beginning of the quarter.
        quarter timestamptz not null,
        provider text not null,
        model text not null,
        kind text not null,
        status attempt_status not null,
        user_id text,
        key_id text,
        end_user text,
        attempts bigint not null,
        price_micro bigint not null,
        vendor_cost_micro_usd bigint not null,
        duration_ms bigint not null
      );
      create unique index usage_totals_once on usage_totals (account_id, month, quarter, provider,
        model, kind, status, user_id, key_id, end_user) nulls not distinct;
      create index usage_totals_by_time on usage_totals (account_id, quarter);
      create index usage_totals_by_day on usage_totals (quarter);

      create table usage_seals (
        month date primary key,
        events bigint not null,
        sealed_at timestamptz not null default clock_timestamp()
      );

      -- One partition, for the jobs created in a month of UTC. Rows of it that the default one took
      -- meanwhile move over. Answers whether there was none before.
      create function usage_add_partition(month date) returns boolean language plpgsql as $$
      declare
        first date := date_trunc('month', month);
        lower timestamptz := first::timestamp at time zone 'UTC';
        upper timestamptz := (first + interval '1 month') at time zone 'UTC';
        name text := usage_partition_name(first);
      begin
        if usage_has_partition(first) then
          return false;
        end if;
        -- Several processes may find it missing, or be dropping another.
        perform pg_advisory_xact_lock(7340219004);
        if usage_has_partition(first) then
          return false;
        end if;
        execute format('create table %I (like usage_events including all)', name);
        execute format('with moved as (delete from usage_events_default
          where job_created_at >= %L and job_created_at < %L returning *)
          insert into %I select * from moved', lower, upper, name);
        execute format('alter table usage_events attach partition %I for values from (%L) to (%L)',
          name, lower, upper);
        return true;
      end $$;

      create function usage_partition_name(month date) returns text language sql immutable as $$
        select 'usage_events_' || to_char(month, 'YYYY_MM')
      $$;

      -- By the rows of the catalogue: its cache may be from before a lock was waited for.
      create function usage_has_partition(month date) returns boolean language sql volatile as $$
        select exists (select from pg_class c where c.relname = usage_partition_name(month)
          and c.relnamespace = current_schema()::regnamespace)
      $$;

      -- Those of this month and of the coming ones.
      create function usage_add_partitions(ahead integer) returns void language plpgsql as $$
      begin
        for n in 0 .. ahead loop
          perform usage_add_partition(
            (date_trunc('month', now() at time zone 'UTC') + n * interval '1 month')::date);
        end loop;
      end $$;

      select usage_add_partitions(3);
    `)
  }

  async down() {
    this.schema.raw(`
      drop function usage_add_partitions, usage_has_partition, usage_partition_name, usage_add_partition;
      drop table usage_seals, usage_totals;
    `)
  }
}
