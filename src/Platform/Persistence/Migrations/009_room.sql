-- A task's row is written a second time when it ends, usually together with its neighbours, so that none of their old versions has made room
-- yet: half a page for the second versions keeps all of them on their pages, and no index is touched. At 70 % two of five moved away, which
-- took as much room.
alter table tasks set (fillfactor = 50);
