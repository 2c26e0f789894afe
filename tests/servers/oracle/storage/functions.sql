-- What of Oracle's functions DuckDB can say by itself; ora_* stand for what statements are translated to.
CREATE MACRO ora_instant(x) AS x[1:11];
CREATE MACRO ora_concat(a, b) AS nullif(concat(a, b), '');
CREATE MACRO ora_trunc(x, d) AS trunc(x * power(10, d)) / power(10, d);
CREATE MACRO ora_rounded(t, step) AS make_timestamp(((epoch_us(t) + step // 2) // step * step)::BIGINT);
CREATE MACRO ora_within(x, n) AS
  CASE WHEN abs(x) >= n
       THEN error('ORA-01438: value larger than specified precision allowed for this column')
       ELSE x END;
CREATE MACRO ora_too_large(c, have, most) AS
  error('ORA-12899: value too large for column ' || c || ' (actual: ' || have || ', maximum: ' || most || ')');
CREATE MACRO ora_text_length(x, n, pad, c) AS
  CASE WHEN length(x) > n THEN ora_too_large(c, length(x), n)
       WHEN pad THEN rpad(x, n, ' ')
       ELSE nullif(x, '') END;
CREATE MACRO ora_text_strlen(x, n, pad, c) AS
  CASE WHEN strlen(x) > n THEN ora_too_large(c, strlen(x), n)
       WHEN pad THEN rpad(x, (n - strlen(x) + length(x))::INTEGER, ' ')
       ELSE nullif(x, '') END;
CREATE MACRO ora_raw(x, n, c) AS
  CASE WHEN octet_length(x::BLOB) > n THEN ora_too_large(c, octet_length(x::BLOB), n)
       WHEN octet_length(x::BLOB) = 0 THEN NULL
       ELSE x::BLOB END;
CREATE MACRO hextoraw(x) AS from_hex(x);
CREATE MACRO rawtohex(x) AS hex(x);
CREATE MACRO to_clob(x) AS x::VARCHAR;
CREATE MACRO to_nclob(x) AS x::VARCHAR;
CREATE MACRO to_blob(x) AS x::BLOB;
CREATE MACRO to_nchar(x) AS x::VARCHAR;
CREATE MACRO to_binary_double(x) AS x::DOUBLE;
CREATE MACRO to_binary_float(x) AS x::FLOAT;
CREATE MACRO nvl2(x, a, b) AS CASE WHEN x IS NULL THEN b ELSE a END;
CREATE MACRO ora_hash(x, most := 4294967295) AS hash(x) % (most + 1);
CREATE MACRO lengthb(x) AS strlen(x);
