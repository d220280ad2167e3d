-- Tasks that go back to their pool for a longer while, such as those for a server of their customer's that takes no more uploads, are parked:
-- they leave the indexes that claims walk in order, because each claim would have to pass over all of them until their time comes.
alter table open_tasks add column parked boolean not null default false;

drop index open_tasks_in_order;
create index open_tasks_in_order on open_tasks (pool, priority desc, virtual_start) where not capped and not parked;
drop index open_tasks_capped;
create index open_tasks_capped on open_tasks (pool, tenant_id, priority desc, virtual_start) where capped and not parked;
create index open_tasks_parked on open_tasks (available_at) where parked;
