-- A taskUUID is taken for 30 days. The row of a task whose link lives longer stays for the link, without the UUID, which is free again.
alter table tasks alter column task_uuid drop not null;
