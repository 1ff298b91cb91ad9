-- The programs of this machine that opened connections; NULL where none was found.

ALTER TABLE connections ADD COLUMN program TEXT;
ALTER TABLE connections ADD COLUMN program_pid INTEGER;
ALTER TABLE connections ADD COLUMN program_path TEXT;
ALTER TABLE connections ADD COLUMN program_command TEXT;
ALTER TABLE connections ADD COLUMN program_cgroup TEXT;
