-- A store as a program of version 1 left it. One subject has a public record and a secret one, a row for each view, and
-- a lease that runs; another has one public record. Of three log leaves one is published.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1414548564;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE leaf_queue (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    record TEXT NOT NULL,
    UNIQUE (record),
    FOREIGN KEY(record) REFERENCES record (id)
);
INSERT INTO "leaf_queue" VALUES(2,'133dd0057416001b1b33a48a7dd574fab0e23ebf1f21751118f25264c00c707f');
INSERT INTO "leaf_queue" VALUES(3,'8996b0284b5346b758088b2609a78303559a3a6fdbd1be7b8b202089b1005292');
CREATE TABLE lease (
    subject TEXT NOT NULL,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (subject),
    CONSTRAINT lease_fence CHECK (fence > 0)
);
INSERT INTO "lease" VALUES('ca978112ca1bbdcafac231b39a23dc4d','one',1,'2026-06-02T00:01:00Z');
CREATE TABLE record (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    flow TEXT NOT NULL,
    step TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    label TEXT NOT NULL,
    header BLOB NOT NULL,
    body BLOB NOT NULL,
    salt BLOB NOT NULL,
    envelope BLOB NOT NULL,
    received_at TEXT NOT NULL,
    CONSTRAINT record_slot UNIQUE (subject, flow, step, ordinal),
    UNIQUE (id)
);
INSERT INTO "record" VALUES(
    1,
    'b8219dbe4d1b29ac5f23c08b5b32996ee4574a419072d96c111f7e5f247f87c8',
    'ca978112ca1bbdcafac231b39a23dc4d',
    'toy',
    'toy.a',
    1,
    '{"compartments":[],"dissemination":[],"level":0}',
    CAST('{"at":"2026-06-02T00:00:00Z","author":"an author","body_commit":"884f89d27f06ca6a2efb876c82826d389717bbfde1a04485c19d6a546c669eb0","kind":"toy.a/1","label":{"compartments":[],"dissemination":[],"level":0},"nonce":"00000000000000000000000000000000","office":"","parents":[],"slot":{"flow":"toy","ordinal":1,"step":"toy.a"},"subject":"ca978112ca1bbdcafac231b39a23dc4d"}' AS BLOB),
    CAST('{"note":"a body"}' AS BLOB),
    X'2CF462BAEE10033BE6AA52ADE54D3AAF8E9C5D18944D63E781839FE07D029119',
    CAST('an envelope' AS BLOB),
    '2026-06-02T00:00:00Z'
);
INSERT INTO "record" VALUES(
    2,
    '133dd0057416001b1b33a48a7dd574fab0e23ebf1f21751118f25264c00c707f',
    'ca978112ca1bbdcafac231b39a23dc4d',
    'toy',
    'toy.a',
    2,
    '{"compartments":["ALPHA"],"dissemination":[],"level":3}',
    CAST('{"at":"2026-06-02T00:00:00Z","author":"an author","body_commit":"884f89d27f06ca6a2efb876c82826d389717bbfde1a04485c19d6a546c669eb0","kind":"toy.a/1","label":{"compartments":["ALPHA"],"dissemination":[],"level":3},"nonce":"00000000000000000000000000000000","office":"","parents":[],"slot":{"flow":"toy","ordinal":2,"step":"toy.a"},"subject":"ca978112ca1bbdcafac231b39a23dc4d"}' AS BLOB),
    CAST('{"note":"a body"}' AS BLOB),
    X'2CF462BAEE10033BE6AA52ADE54D3AAF8E9C5D18944D63E781839FE07D029119',
    CAST('an envelope' AS BLOB),
    '2026-06-02T00:00:00Z'
);
INSERT INTO "record" VALUES(
    3,
    '8996b0284b5346b758088b2609a78303559a3a6fdbd1be7b8b202089b1005292',
    '3e23e8160039594a33894f6564e1b134',
    'toy',
    'toy.a',
    1,
    '{"compartments":[],"dissemination":[],"level":0}',
    CAST('{"at":"2026-06-02T00:00:00Z","author":"an author","body_commit":"884f89d27f06ca6a2efb876c82826d389717bbfde1a04485c19d6a546c669eb0","kind":"toy.a/1","label":{"compartments":[],"dissemination":[],"level":0},"nonce":"00000000000000000000000000000000","office":"","parents":[],"slot":{"flow":"toy","ordinal":1,"step":"toy.a"},"subject":"3e23e8160039594a33894f6564e1b134"}' AS BLOB),
    CAST('{"note":"a body"}' AS BLOB),
    X'2CF462BAEE10033BE6AA52ADE54D3AAF8E9C5D18944D63E781839FE07D029119',
    CAST('an envelope' AS BLOB),
    '2026-06-02T00:00:01Z'
);
CREATE TABLE summary (
    subject TEXT NOT NULL,
    label TEXT NOT NULL,
    flow TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    next_due_at TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (subject, label)
);
INSERT INTO "summary" VALUES('ca978112ca1bbdcafac231b39a23dc4d','{"compartments":[],"dissemination":[],"level":0}','toy','toy.a/1','low','','',1);
INSERT INTO "summary" VALUES('ca978112ca1bbdcafac231b39a23dc4d','{"compartments":["ALPHA"],"dissemination":[],"level":3}','toy','toy.a/1','high','','2026-06-02T00:00:01Z',2);
INSERT INTO "summary" VALUES('3e23e8160039594a33894f6564e1b134','{"compartments":[],"dissemination":[],"level":0}','toy','toy.a/1','open','','',1);
CREATE INDEX record_view ON record (subject, label);
CREATE INDEX summary_due ON summary (next_due_at, subject);
CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('record',3);
INSERT INTO "sqlite_sequence" VALUES('leaf_queue',3);
COMMIT;
