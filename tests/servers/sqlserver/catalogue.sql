-- The catalogue views that clients read, as tables that the server writes; names and columns are the engine's own.
CREATE SCHEMA dbo;
CREATE SCHEMA sys;
CREATE SCHEMA ischema; -- INFORMATION_SCHEMA: DuckDB has one of its own
CREATE SEQUENCE sys.object_ids START 1000001;
CREATE SEQUENCE sys.versions START 2001;

CREATE TABLE sys.schemas (name VARCHAR, schema_id INTEGER, principal_id INTEGER);
INSERT INTO sys.schemas VALUES ('dbo', 1, 1), ('guest', 2, 2), ('INFORMATION_SCHEMA', 3, 3), ('sys', 4, 4);
CREATE TABLE sys.objects (
  name VARCHAR, object_id INTEGER, schema_id INTEGER, parent_object_id INTEGER, type VARCHAR, type_desc VARCHAR, is_ms_shipped BOOLEAN
);
CREATE TABLE sys.types (
  name VARCHAR, system_type_id UTINYINT, user_type_id INTEGER, schema_id INTEGER, max_length SMALLINT, precision UTINYINT,
  scale UTINYINT, is_user_defined BOOLEAN
);
INSERT INTO sys.types VALUES
  ('uniqueidentifier', 36, 36, 4, 16, 0, 0, false), ('date', 40, 40, 4, 3, 10, 0, false), ('time', 41, 41, 4, 5, 16, 7, false),
  ('datetime2', 42, 42, 4, 8, 27, 7, false), ('datetimeoffset', 43, 43, 4, 10, 34, 7, false), ('tinyint', 48, 48, 4, 1, 3, 0, false),
  ('smallint', 52, 52, 4, 2, 5, 0, false), ('int', 56, 56, 4, 4, 10, 0, false), ('smalldatetime', 58, 58, 4, 4, 16, 0, false),
  ('real', 59, 59, 4, 4, 24, 0, false), ('money', 60, 60, 4, 8, 19, 4, false), ('datetime', 61, 61, 4, 8, 23, 3, false),
  ('float', 62, 62, 4, 8, 53, 0, false), ('bit', 104, 104, 4, 1, 1, 0, false), ('decimal', 106, 106, 4, 17, 38, 38, false),
  ('numeric', 108, 108, 4, 17, 38, 38, false), ('smallmoney', 122, 122, 4, 4, 10, 4, false), ('bigint', 127, 127, 4, 8, 19, 0, false),
  ('varbinary', 165, 165, 4, 8000, 0, 0, false), ('varchar', 167, 167, 4, 8000, 0, 0, false), ('binary', 173, 173, 4, 8000, 0, 0, false),
  ('char', 175, 175, 4, 8000, 0, 0, false), ('timestamp', 189, 189, 4, 8, 0, 0, false), ('nvarchar', 231, 231, 4, 8000, 0, 0, false),
  ('nchar', 239, 239, 4, 8000, 0, 0, false), ('xml', 241, 241, 4, -1, 0, 0, false), ('sysname', 231, 256, 4, 256, 0, 0, false);
CREATE TABLE sys.columns (
  object_id INTEGER, name VARCHAR, column_id INTEGER, system_type_id UTINYINT, user_type_id INTEGER, max_length SMALLINT,
  precision UTINYINT, scale UTINYINT, collation_name VARCHAR, is_nullable BOOLEAN, is_identity BOOLEAN, is_computed BOOLEAN,
  default_object_id INTEGER
);
CREATE TABLE sys.default_constraints (
  name VARCHAR, object_id INTEGER, schema_id INTEGER, parent_object_id INTEGER, parent_column_id INTEGER, definition VARCHAR
);
CREATE TABLE sys.computed_columns (object_id INTEGER, name VARCHAR, column_id INTEGER, definition VARCHAR, is_persisted BOOLEAN, is_computed BOOLEAN);
CREATE TABLE sys.identity_columns (
  object_id INTEGER, name VARCHAR, column_id INTEGER, is_identity BOOLEAN, seed_value BIGINT, increment_value BIGINT, last_value BIGINT
);
CREATE TABLE sys.indexes (
  object_id INTEGER, name VARCHAR, index_id INTEGER, type UTINYINT, type_desc VARCHAR, is_unique BOOLEAN, is_primary_key BOOLEAN,
  is_unique_constraint BOOLEAN, has_filter BOOLEAN, filter_definition VARCHAR, is_hypothetical BOOLEAN, is_disabled BOOLEAN
);
CREATE TABLE sys.index_columns (
  object_id INTEGER, index_id INTEGER, index_column_id INTEGER, column_id INTEGER, key_ordinal UTINYINT, is_descending_key BOOLEAN,
  is_included_column BOOLEAN
);
CREATE TABLE sys.key_constraints (
  name VARCHAR, object_id INTEGER, schema_id INTEGER, parent_object_id INTEGER, type VARCHAR, unique_index_id INTEGER, is_system_named BOOLEAN
);
CREATE TABLE sys.foreign_keys (
  name VARCHAR, object_id INTEGER, schema_id INTEGER, parent_object_id INTEGER, referenced_object_id INTEGER, key_index_id INTEGER,
  delete_referential_action_desc VARCHAR, update_referential_action_desc VARCHAR
);
CREATE TABLE sys.foreign_key_columns (
  constraint_object_id INTEGER, constraint_column_id INTEGER, parent_object_id INTEGER, parent_column_id INTEGER,
  referenced_object_id INTEGER, referenced_column_id INTEGER
);
CREATE TABLE sys.extended_properties (class UTINYINT, class_desc VARCHAR, major_id INTEGER, minor_id INTEGER, name VARCHAR, value VARCHAR);
CREATE TABLE sys.sql_modules (object_id INTEGER, definition VARCHAR);
CREATE TABLE sys.sequences (name VARCHAR, object_id INTEGER, schema_id INTEGER);
CREATE TABLE sys.system_views (name VARCHAR);
INSERT INTO sys.system_views VALUES ('dm_exec_sessions');
CREATE VIEW sys.dm_exec_sessions AS
  SELECT CAST(range AS SMALLINT) AS session_id, CAST(2 AS SMALLINT) AS transaction_isolation_level FROM range(51, 32767);
CREATE VIEW sys.tables AS SELECT * FROM sys.objects WHERE type = 'U ';
CREATE VIEW sys.views AS SELECT * FROM sys.objects WHERE type = 'V ';
CREATE TABLE sys.permissions (grantee VARCHAR, object_id INTEGER, state VARCHAR); -- this server's own: what DENY and GRANT SELECT left

CREATE VIEW ischema.schemata AS
  SELECT current_database() AS CATALOG_NAME, name AS SCHEMA_NAME, 'dbo' AS SCHEMA_OWNER FROM sys.schemas;
CREATE VIEW ischema.tables AS
  SELECT current_database() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME,
    CASE o.type WHEN 'U ' THEN 'BASE TABLE' ELSE 'VIEW' END AS TABLE_TYPE
  FROM sys.objects o JOIN sys.schemas s USING (schema_id) WHERE o.type IN ('U ', 'V ');
CREATE VIEW ischema.views AS
  SELECT current_database() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, m.definition AS VIEW_DEFINITION,
    'NONE' AS CHECK_OPTION, 'NO' AS IS_UPDATABLE
  FROM sys.objects o JOIN sys.schemas s USING (schema_id) JOIN sys.sql_modules m USING (object_id) WHERE o.type = 'V ';
CREATE VIEW ischema.columns AS
  SELECT current_database() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, c.name AS COLUMN_NAME,
    c.column_id AS ORDINAL_POSITION, d.definition AS COLUMN_DEFAULT, CASE WHEN c.is_nullable THEN 'YES' ELSE 'NO' END AS IS_NULLABLE,
    t.name AS DATA_TYPE,
    CASE WHEN c.max_length = -1 THEN -1 WHEN t.name IN ('nchar', 'nvarchar') THEN c.max_length // 2
      WHEN t.name IN ('char', 'varchar', 'binary', 'varbinary') THEN c.max_length END AS CHARACTER_MAXIMUM_LENGTH,
    CASE WHEN t.name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'real', 'float')
      THEN c.precision END AS NUMERIC_PRECISION,
    CASE WHEN t.name IN ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney')
      THEN CAST(c.scale AS INTEGER) END AS NUMERIC_SCALE,
    CASE WHEN t.name IN ('time', 'datetime2', 'datetimeoffset', 'datetime') THEN CAST(c.scale AS SMALLINT)
      WHEN t.name IN ('date', 'smalldatetime') THEN CAST(0 AS SMALLINT) END AS DATETIME_PRECISION,
    c.collation_name AS COLLATION_NAME
  FROM sys.columns c JOIN sys.objects o USING (object_id) JOIN sys.schemas s USING (schema_id)
  JOIN sys.types t ON t.user_type_id = c.user_type_id LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id;
CREATE VIEW ischema.table_constraints AS
  SELECT current_database() AS CONSTRAINT_CATALOG, s.name AS CONSTRAINT_SCHEMA, k.name AS CONSTRAINT_NAME,
    current_database() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, k.kind AS CONSTRAINT_TYPE
  FROM (SELECT name, parent_object_id, CASE type WHEN 'PK' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS kind FROM sys.key_constraints
    UNION ALL SELECT name, parent_object_id, 'FOREIGN KEY' FROM sys.foreign_keys) k
  JOIN sys.objects o ON o.object_id = k.parent_object_id JOIN sys.schemas s USING (schema_id);
CREATE VIEW ischema.key_column_usage AS
  SELECT current_database() AS CONSTRAINT_CATALOG, s.name AS CONSTRAINT_SCHEMA, k.name AS CONSTRAINT_NAME,
    current_database() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, c.name AS COLUMN_NAME,
    k.position AS ORDINAL_POSITION
  FROM (SELECT k.name, k.parent_object_id, i.column_id, CAST(i.key_ordinal AS INTEGER) AS position
    FROM sys.key_constraints k JOIN sys.index_columns i ON i.object_id = k.parent_object_id AND i.index_id = k.unique_index_id
    UNION ALL SELECT f.name, f.parent_object_id, p.parent_column_id, p.constraint_column_id
    FROM sys.foreign_keys f JOIN sys.foreign_key_columns p ON p.constraint_object_id = f.object_id) k
  JOIN sys.objects o ON o.object_id = k.parent_object_id JOIN sys.schemas s USING (schema_id)
  JOIN sys.columns c ON c.object_id = o.object_id AND c.column_id = k.column_id;
CREATE VIEW ischema.referential_constraints AS
  SELECT current_database() AS CONSTRAINT_CATALOG, s.name AS CONSTRAINT_SCHEMA, f.name AS CONSTRAINT_NAME,
    current_database() AS UNIQUE_CONSTRAINT_CATALOG, rs.name AS UNIQUE_CONSTRAINT_SCHEMA, i.name AS UNIQUE_CONSTRAINT_NAME,
    'SIMPLE' AS MATCH_OPTION, f.update_referential_action_desc AS UPDATE_RULE, f.delete_referential_action_desc AS DELETE_RULE
  FROM sys.foreign_keys f JOIN sys.schemas s USING (schema_id) JOIN sys.objects r ON r.object_id = f.referenced_object_id
  JOIN sys.schemas rs ON rs.schema_id = r.schema_id
  JOIN sys.indexes i ON i.object_id = f.referenced_object_id AND i.index_id = f.key_index_id;
CREATE VIEW ischema.sequences AS
  SELECT current_database() AS SEQUENCE_CATALOG, s.name AS SEQUENCE_SCHEMA, q.name AS SEQUENCE_NAME
  FROM sys.sequences q JOIN sys.schemas s USING (schema_id);

-- Text is compared without case and without the spaces at its end, letters before their accents; a uniqueidentifier from its last group to its first.
CREATE MACRO text_key(x) AS strip_accents(lower(rtrim(x, ' '))) || chr(1) || lower(rtrim(x, ' '));
CREATE MACRO swapped(x) AS
  coalesce(x[7:8], '') || coalesce(x[5:6], '') || x[3:4] || x[1:2];
CREATE MACRO guid_key(u) AS
  CAST(u AS VARCHAR)[25:36] || CAST(u AS VARCHAR)[20:23] || swapped(CAST(u AS VARCHAR)[15:18])
  || swapped(CAST(u AS VARCHAR)[10:13]) || swapped(CAST(u AS VARCHAR)[1:8]);
CREATE MACRO offset_key(x) AS x // 2048;
CREATE MACRO nonzero(x) AS CASE WHEN x = 0 THEN error('[8134] Divide by zero error encountered.') ELSE x END;
CREATE MACRO next_version() AS unhex(printf('%016X', nextval('sys.versions')));
CREATE MACRO now_ticks() AS epoch_us(get_current_timestamp()) * 10 + 621355968000000000;
