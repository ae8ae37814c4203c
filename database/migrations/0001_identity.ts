import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create table organisations (
        id text primary key,
        name text not null,
        timezone text not null default 'UTC',
        created_at timestamptz not null default now()
      );

      create table users (
        id text primary key,
        email text not null,
        password text not null,
        full_name text not null,
        is_operator boolean not null default false,
        created_at timestamptz not null default now()
      );
      create unique index users_email_unique on users (lower(email));

      create table members (
        org_id text not null references organisations (id),
        user_id text not null references users (id),
        role text not null check (role in ('owner', 'admin', 'member')),
        created_at timestamptz not null default now(),
        primary key (org_id, user_id)
      );

      create table api_keys (
        id text primary key,
        org_id text not null references organisations (id),
        name text not null,
        -- What people may see of the key, to recognise it. Only the digest of the rest is kept.
        prefix text not null,
        hash bytea not null unique,
        mode text not null check (mode in ('live', 'test')),
        scopes text[] not null,
        created_by text,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      create index api_keys_of_org on api_keys (org_id, created_at desc);
    `)
  }

  async down() {
    this.schema.raw('drop table api_keys, members, users, organisations')
  }
}
