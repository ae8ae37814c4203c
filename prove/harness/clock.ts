import type { Sql } from '#adapters/postgres/sql'
import type { Micros } from '../model/windows.js'

/**
 * Found before the built-in functions of the same names, so that a whole database goes by a clock
 * that stands until it is set, and no function of ours has to know.
 */
export const CLOCK_PATH = 'search_path = public, pg_catalog'

export const CLOCK = `
  create table public.prove_clock (at timestamptz not null);
  insert into public.prove_clock values ('2026-01-01T00:00:00Z');
  create function public.clock_timestamp() returns timestamptz language plpgsql volatile
    as 'begin return (select at from public.prove_clock); end';
  create function public.now() returns timestamptz language plpgsql stable
    as 'begin return (select at from public.prove_clock); end';`

export async function setClock(sql: Sql, at: Micros) {
  await sql.rows(
    `update prove_clock set at = 'epoch'::timestamptz + $1::bigint * interval '1 us'`,
    [String(at)]
  )
}
