/**
 * The least that setting credits aside can be: one row per account, one statement that takes
 * from it if there is enough, one commit. No key, no limit, no grants, no record of who took.
 */
export const ACCOUNTS = 1000

export const SCHEMA = `
  create table reserve_accounts (
    id bigint primary key,
    available bigint not null check (available >= 0),
    held bigint not null
  ) with (fillfactor = 50);
  insert into reserve_accounts select n, 1000000000000, 0 from generate_series(1, ${ACCOUNTS}) n;
  analyze reserve_accounts;`

export const RESERVE = `
  update reserve_accounts set available = available - $2, held = held + $2
  where id = $1 and available >= $2 returning available`

export const PGBENCH_SCRIPT = `
\\set account random(1, ${ACCOUNTS})
update reserve_accounts set available = available - 1, held = held + 1
where id = :account and available >= 1 returning available;
`
