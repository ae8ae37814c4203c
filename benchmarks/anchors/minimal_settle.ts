import { ACCOUNTS } from './minimal_reserve.js'

/**
 * The least that settling can be: one statement that takes what was held off the account and puts
 * the rest back, one commit. No hold that ends once, no grants, no entry, no record of who paid.
 */
export const SETTLE_SCHEMA = `
  create table settle_accounts (
    id bigint primary key,
    available bigint not null check (available >= 0),
    held bigint not null check (held >= 0)
  ) with (fillfactor = 50);
  insert into settle_accounts select n, 0, 1000000000000 from generate_series(1, ${ACCOUNTS}) n;
  analyze settle_accounts;`

export const PGBENCH_SETTLE = `
\\set account random(1, ${ACCOUNTS})
update settle_accounts set available = available + 1, held = held - 2
where id = :account and held >= 2 returning available;
`

/** The minimal reserve, always of the same account. */
export const PGBENCH_HOT_RESERVE = `
update reserve_accounts set available = available - 1, held = held + 1
where id = 1 and available >= 1 returning available;
`
