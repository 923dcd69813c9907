-- Privacy requests, what was disclosed to whom, and who must not come back by a stale import.

-- privacy -----------------------------------------------------------------------------------------
-- One request of one person. It holds no value of hers, only keyed hashes.
CREATE TABLE privacy_request (
  id uuid PRIMARY KEY,
  kind text NOT NULL, -- access, erase, rectify, object
  origin text NOT NULL, -- api, journal, or the source whose record asked for it
  actor text NOT NULL,
  received_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  state text NOT NULL, -- received, working, done
  identifiers integer NOT NULL, -- how many it covers
  number bigint, -- the last log number of its delete records
  scan_to bigint, -- the log is gone through up to here
  scanned bigint NOT NULL DEFAULT 0,
  done_at timestamptz
);
CREATE INDEX privacy_request_open ON privacy_request (due_at) WHERE state <> 'done';

CREATE TABLE privacy_subject (
  request_id uuid NOT NULL,
  identifier_hash uuid NOT NULL,
  at timestamptz NOT NULL, -- everything up to then is erased
  PRIMARY KEY (request_id, identifier_hash)
);

-- How far one destination is with one request.
CREATE TABLE privacy_task (
  request_id uuid NOT NULL,
  instance text NOT NULL,
  state text NOT NULL, -- waiting, pending, done, not_held, kept, by_hand, refused, confirmed
  outcome text, -- the vendor's last answer: its kind
  answered_at timestamptz,
  confirmed_by text,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (request_id, instance)
);

-- Identifiers that were erased, and from when on they may be known again.
CREATE TABLE suppression (
  identifier_hash uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  returned_at timestamptz
);

-- intake ------------------------------------------------------------------------------------------
-- What one subject said of herself, for when some of it is taken back.
CREATE INDEX event_identify ON event (subject_hash) WHERE type = 'identify';
CREATE INDEX event_delete ON event (number) WHERE type = 'delete';

-- delivery ----------------------------------------------------------------------------------------
-- Who was ever shown to a destination, and how her erasure there went.
CREATE TABLE disclosure (
  instance text NOT NULL,
  scope text NOT NULL, -- audience:<list>, profile, action:<name>, event:<type>
  identifier_hash uuid NOT NULL,
  fields text[] NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  erased_at timestamptz, -- when the vendor last answered an erasure
  erase_outcome text, -- delivered, accepted, retry, in_doubt, rejected
  PRIMARY KEY (instance, scope, identifier_hash)
);
CREATE INDEX disclosure_identifier ON disclosure (identifier_hash);

-- The record of processing: which field went where, for what, of how many people.
CREATE TABLE processing (
  instance text NOT NULL,
  scope text NOT NULL,
  field text NOT NULL,
  purpose text NOT NULL,
  people bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (instance, scope, field, purpose)
);

-- What older versions disclosed, as far as their rows tell.
INSERT INTO disclosure (instance, scope, identifier_hash, fields, first_at, last_at)
SELECT l.instance, CASE l.list WHEN '' THEN 'profile' ELSE 'audience:' || l.list END,
  h.identifier_hash, '{}', min(l.planned_at), max(l.changed_at)
FROM ledger l JOIN key_holder h ON h.instance = l.instance AND h.key_hash = l.key_hash
WHERE l.presence <> 'absent' OR l.sent IS NOT NULL
GROUP BY 1, 2, 3;
INSERT INTO disclosure (instance, scope, identifier_hash, fields, first_at, last_at)
SELECT a.instance, 'action:' || a.name, i.hash, '{}', min(a.planned_at),
  max(coalesce(a.settled_at, a.planned_at))
FROM action a JOIN identifier i ON i.id = a.identifier_id
WHERE a.status IN ('sending', 'polling', 'delivered', 'in_doubt', 'rejected')
GROUP BY 1, 2, 3;
