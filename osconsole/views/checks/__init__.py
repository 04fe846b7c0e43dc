"""Named checks of what OpenStack stands on. One module a concern; `table` lists them all and makes the rows."""
