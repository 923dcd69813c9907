-- The hub's tables, room by room. Times are timestamptz in whole milliseconds; keyed hashes are the
-- first 128 bits of HMAC-SHA-256 and are kept as uuid, the type that PostgreSQL stores in 16 bytes.

-- intake ------------------------------------------------------------------------------------------
-- One row, locked and advanced by each group commit in its own transaction: numbers are dense and
-- their order is the order of commits.
CREATE TABLE log_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  last bigint NOT NULL
);
INSERT INTO log_head (last) VALUES (0);

CREATE TABLE event (
  number bigint PRIMARY KEY,
  source text NOT NULL,
  message_hash uuid NOT NULL,
  received_at timestamptz NOT NULL,
  at timestamptz NOT NULL,
  type text NOT NULL,
  historical boolean NOT NULL,
  subject_hash uuid,
  key_id smallint NOT NULL,
  payload bytea NOT NULL
);
-- Costs a write next to nothing; finds what came in after some time.
CREATE INDEX event_received_at ON event USING brin (received_at);

CREATE TABLE seen (
  source text NOT NULL,
  hash uuid NOT NULL,
  PRIMARY KEY (source, hash)
);

-- Denials, withdrawals and erasures that are accepted but not yet resolved. Rows up to resolve's
-- cursor have become consent entries and are dropped by resolve.
CREATE TABLE stop (
  identifier_hash uuid NOT NULL,
  purpose text NOT NULL, -- '*' for every purpose
  channel text NOT NULL, -- '*' for every channel
  number bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (identifier_hash, purpose, channel, number)
);
CREATE INDEX stop_number ON stop (number);

-- A record that was never accepted keeps its bytes here; one that failed later names its log number.
CREATE TABLE quarantine (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  received_at timestamptz NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  number bigint,
  key_id smallint,
  payload bytea,
  state text NOT NULL DEFAULT 'open', -- open, replayed, dropped
  settled_at timestamptz,
  settled_reason text
);
CREATE INDEX quarantine_open ON quarantine (source, id) WHERE state = 'open';

CREATE TABLE checkpoint (
  source text PRIMARY KEY,
  value jsonb,
  updated_at timestamptz NOT NULL
);

CREATE TABLE cursor (
  consumer text PRIMARY KEY,
  position bigint NOT NULL
);
INSERT INTO cursor (consumer, position) VALUES ('resolve', 0);

-- identity ----------------------------------------------------------------------------------------
-- Interned identifiers. Rows that most batches touch keep free room on their page, so that a new
-- last_at costs no index entry.
CREATE TABLE identifier (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash uuid NOT NULL UNIQUE,
  latent_id uuid NOT NULL UNIQUE,
  namespace text NOT NULL,
  kind text NOT NULL, -- person, device, contact (shared: identifies nobody)
  value text NOT NULL,
  first_at timestamptz NOT NULL, -- earliest record that names it; once erased, the erasure's time
  last_at timestamptz NOT NULL, -- newest record that names it
  component bigint NOT NULL, -- smallest id among those that candidate pairs connect it with
  profile_id uuid, -- null: a shared contact point, or a device that has owners
  audit_ref uuid NOT NULL DEFAULT gen_random_uuid()
) WITH (fillfactor = 80);
CREATE INDEX identifier_component ON identifier (component) WHERE component <> id; -- most are alone
CREATE INDEX identifier_profile ON identifier (profile_id);

-- The strongest observation of each pair of person identifiers (left < right by id). A pair is a
-- candidate where both ends keep it among their strongest (fan-out).
CREATE TABLE evidence (
  left_id bigint NOT NULL,
  right_id bigint NOT NULL,
  trust smallint NOT NULL, -- 0 manual … 5 inferred
  probability double precision NOT NULL DEFAULT 1,
  at timestamptz NOT NULL,
  source text NOT NULL,
  message_hash uuid NOT NULL,
  number bigint NOT NULL,
  left_keeps boolean NOT NULL DEFAULT true,
  right_keeps boolean NOT NULL DEFAULT true,
  rejected_by text, -- null: accepted; else fan_out, limit:<namespace> or never_same
  PRIMARY KEY (left_id, right_id)
) WITH (fillfactor = 80);
CREATE INDEX evidence_right ON evidence (right_id);

-- Observations that are weaker than the pair's strongest but newer: they count once an erasure or a
-- retraction takes the stronger one away.
CREATE TABLE evidence_spare (
  left_id bigint NOT NULL,
  right_id bigint NOT NULL,
  trust smallint NOT NULL,
  probability double precision NOT NULL,
  at timestamptz NOT NULL,
  source text NOT NULL,
  message_hash uuid NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (left_id, right_id, trust, probability)
);
CREATE INDEX evidence_spare_right ON evidence_spare (right_id);

-- What an operator said of a pair: that its observations up to a time are wrong, or that the two are
-- different people whatever is observed.
CREATE TABLE retraction (
  left_id bigint NOT NULL,
  right_id bigint NOT NULL,
  at timestamptz NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (left_id, right_id)
);
CREATE INDEX retraction_right ON retraction (right_id);
CREATE TABLE never_same (
  left_id bigint NOT NULL,
  right_id bigint NOT NULL,
  at timestamptz NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (left_id, right_id)
);
CREATE INDEX never_same_right ON never_same (right_id);

-- Each time that a device was seen together with a person identifier, and the spans that follow.
CREATE TABLE login (
  device_id bigint NOT NULL,
  at timestamptz NOT NULL,
  person_id bigint NOT NULL,
  trust smallint NOT NULL,
  source text NOT NULL,
  message_hash uuid NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (device_id, at, person_id)
);
CREATE INDEX login_person ON login (person_id);
CREATE TABLE device_span (
  device_id bigint NOT NULL,
  from_at timestamptz NOT NULL, -- inclusive, -infinity for the first
  to_at timestamptz NOT NULL, -- exclusive, infinity for the last
  person_id bigint NOT NULL,
  PRIMARY KEY (device_id, from_at)
);
CREATE INDEX device_span_person ON device_span (person_id);

-- Shared contact points and the subjects that named them, with the newest time.
CREATE TABLE contact (
  identifier_id bigint NOT NULL,
  subject_id bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (identifier_id, subject_id)
);
CREATE INDEX contact_subject ON contact (subject_id);

-- Profile ids that left the hub, with the identifiers they stood for.
CREATE TABLE handed_out (
  profile_id uuid NOT NULL,
  identifier_id bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (profile_id, identifier_id)
);
CREATE INDEX handed_out_identifier ON handed_out (identifier_id);

CREATE TABLE erasure (
  identifier_hash uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  number bigint NOT NULL
);

-- Whose facts are whose: the one way in which other rooms join facts to profiles. A device's facts
-- belong to its owner at their time.
CREATE VIEW profile_subject (profile_id, subject_id, from_at, to_at) AS
  SELECT profile_id, id, '-infinity'::timestamptz, 'infinity'::timestamptz
  FROM identifier WHERE profile_id IS NOT NULL
  UNION ALL
  SELECT person.profile_id, span.device_id, span.from_at, span.to_at
  FROM device_span span JOIN identifier person ON person.id = span.person_id;

-- profile -----------------------------------------------------------------------------------------
-- What happened, by subject: the events that rules and histories read. Traits set on a device are
-- kept here too (type identify), because a device's facts change hands by time.
CREATE TABLE fact (
  subject_id bigint NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  at timestamptz NOT NULL,
  number bigint NOT NULL,
  message_hash uuid NOT NULL,
  source text NOT NULL,
  properties jsonb NOT NULL,
  PRIMARY KEY (subject_id, type, name, at, number)
);

-- Trait accumulators of one person identifier: { trait: accumulator }.
CREATE TABLE subject_state (
  subject_id bigint PRIMARY KEY,
  traits jsonb NOT NULL
);

CREATE TABLE profile (
  id uuid PRIMARY KEY,
  traits jsonb NOT NULL, -- { trait: value }
  computed jsonb NOT NULL, -- { computed trait: value } as of the last evaluation
  changed bigint NOT NULL, -- the change that last altered what a destination may see
  check_at timestamptz -- when time alone may next change a rule's answer
);
CREATE INDEX profile_changed ON profile (changed, id);
CREATE INDEX profile_check_at ON profile (check_at) WHERE check_at IS NOT NULL;

-- Numbers for `changed`: advanced by whoever changes profiles, memberships or consents.
CREATE TABLE change_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  last bigint NOT NULL
);
INSERT INTO change_head (last) VALUES (0);

-- consent -----------------------------------------------------------------------------------------
CREATE TABLE consent_entry (
  identifier_id bigint NOT NULL,
  purpose text NOT NULL,
  channel text NOT NULL, -- '*' for every channel
  effective_at timestamptz NOT NULL,
  number bigint NOT NULL,
  place smallint NOT NULL, -- which statement of the record
  status text NOT NULL, -- granted, denied, withdrawn
  trust smallint NOT NULL,
  own_device_only boolean NOT NULL, -- a grant by a public key, for its device alone
  lawful_basis text NOT NULL,
  text_version text,
  evidence jsonb,
  source text NOT NULL,
  jurisdiction text,
  recorded_at timestamptz NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (identifier_id, purpose, channel, effective_at, number, place)
);
CREATE INDEX consent_entry_expires ON consent_entry (expires_at) WHERE expires_at IS NOT NULL;

-- audience ----------------------------------------------------------------------------------------
CREATE TABLE audience (
  name text PRIMARY KEY,
  definition_hash text NOT NULL, -- '' while the members of a removed audience are taken out
  computed_at timestamptz,
  computing_after uuid -- the profile that a full computation has reached; null when it is done
);

-- The same for all computed traits together.
CREATE TABLE computed_definition (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  definition_hash text NOT NULL,
  computed_at timestamptz,
  computing_after uuid
);

CREATE TABLE membership (
  audience text NOT NULL,
  profile_id uuid NOT NULL,
  since timestamptz NOT NULL,
  cause text NOT NULL, -- live, time, historical, baseline, rebuild
  changed bigint NOT NULL,
  PRIMARY KEY (audience, profile_id)
);
CREATE INDEX membership_profile ON membership (profile_id);

-- delivery ----------------------------------------------------------------------------------------
-- States: what should be at a destination and what may be there. A row holds at most one open
-- change: status due, sending or polling.
CREATE TABLE ledger (
  instance text NOT NULL,
  list text NOT NULL, -- the vendor's list; '' for the profile feature
  key_hash uuid NOT NULL,
  identifier_id bigint NOT NULL,
  namespace text NOT NULL,
  value text NOT NULL, -- as uploaded: an erased identifier must still be taken out
  vendor_key text NOT NULL,
  vendor_id text,
  profile_id uuid NOT NULL, -- the member that speaks for the key
  wanted boolean NOT NULL,
  presence text NOT NULL, -- absent, in_doubt, accepted, confirmed
  presence_before text NOT NULL, -- what holds again if the request under way did not happen
  status text NOT NULL, -- settled, due, sending, polling, held
  operation text, -- add, remove: of the open or held change
  cause text, -- why it is not wanted: consent, erased, membership, config
  sent jsonb, -- what the destination was last known to have (mapped traits)
  next jsonb, -- what it should have
  flying jsonb, -- what the request under way carries
  job text,
  attempts integer NOT NULL,
  due_at timestamptz,
  refresh_by timestamptz,
  reason text, -- why it is held or was filtered
  seen_at timestamptz, -- the reconciliation that last found it at the vendor
  planned_at timestamptz NOT NULL, -- when the open change was planned
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (instance, key_hash, list) -- the key first: planning asks for a key on every list
);
CREATE INDEX ledger_due ON ledger (instance, due_at) WHERE status = 'due';
CREATE INDEX ledger_withdrawn ON ledger (instance, due_at)
  WHERE status = 'due' AND cause IN ('consent', 'erased');
CREATE INDEX ledger_under_way ON ledger (instance, due_at) WHERE status IN ('sending', 'polling');
CREATE INDEX ledger_held ON ledger (instance) WHERE status = 'held';
CREATE INDEX ledger_profile ON ledger (profile_id);
CREATE INDEX ledger_refresh ON ledger (instance, refresh_by) WHERE refresh_by IS NOT NULL;

-- Which identifiers stand behind a vendor key: a destination's key may be the same for several.
CREATE TABLE key_holder (
  instance text NOT NULL,
  key_hash uuid NOT NULL,
  identifier_id bigint NOT NULL,
  identifier_hash uuid NOT NULL,
  PRIMARY KEY (instance, key_hash, identifier_id)
);
CREATE INDEX key_holder_identifier ON key_holder (instance, identifier_id);
CREATE INDEX key_holder_hash ON key_holder (instance, identifier_hash);

-- How far an instance's planning has come.
CREATE TABLE plan_state (
  instance text PRIMARY KEY,
  settings_hash text NOT NULL, -- another one: everybody is planned anew
  changed bigint NOT NULL, -- profiles up to (changed, profile_id) are planned
  profile_id uuid NOT NULL,
  expired_to timestamptz NOT NULL, -- consents that ended up to here are planned
  erased_to bigint NOT NULL -- erasures up to this log number are planned
);

-- Since when an action is configured: episodes that began before never cause it.
CREATE TABLE action_rule (
  instance text NOT NULL,
  name text NOT NULL,
  audience text NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (instance, name, audience)
);

-- Contact points that are in an audience with actions, and since when.
CREATE TABLE episode (
  instance text NOT NULL,
  audience text NOT NULL,
  identifier_id bigint NOT NULL,
  profile_id uuid NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (instance, audience, identifier_id)
);
CREATE INDEX episode_identifier ON episode (instance, identifier_id);
CREATE INDEX episode_profile ON episode (profile_id);

-- Actions: what happens once per contact point and episode.
CREATE TABLE action (
  id uuid PRIMARY KEY,
  instance text NOT NULL,
  name text NOT NULL,
  audience text NOT NULL,
  identifier_id bigint NOT NULL,
  profile_id uuid NOT NULL,
  episode timestamptz NOT NULL,
  status text NOT NULL, -- due, sending, polling, delivered, in_doubt, rejected, filtered, superseded
  job text,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz,
  reason text,
  planned_at timestamptz NOT NULL,
  settled_at timestamptz,
  UNIQUE (instance, name, audience, identifier_id, episode)
);
CREATE INDEX action_due ON action (instance, due_at) WHERE status IN ('due', 'polling', 'sending');
CREATE INDEX action_open ON action (instance, name)
  WHERE status IN ('due', 'sending', 'polling', 'in_doubt');
CREATE INDEX action_contact ON action (instance, name, audience, identifier_id, planned_at);
CREATE INDEX action_planned ON action (instance, planned_at);

-- Forwarded events that are under way or held. The instance's cursor moves in the transaction that
-- writes them; a row goes when its event is settled.
CREATE TABLE forward (
  instance text NOT NULL,
  number bigint NOT NULL,
  lane uuid NOT NULL,
  status text NOT NULL, -- due, sending, polling, in_doubt
  job text,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz,
  reason text,
  planned_at timestamptz NOT NULL,
  PRIMARY KEY (instance, number)
);
CREATE INDEX forward_lane ON forward (instance, lane, number) WHERE status <> 'in_doubt';
CREATE INDEX forward_due ON forward (instance, due_at) WHERE status IN ('due', 'sending', 'polling');

CREATE TABLE dead_letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance text NOT NULL,
  stage text NOT NULL, -- map, consent, send, poll
  kind text NOT NULL, -- audience, profile, event, action
  list text,
  key_hash uuid,
  identifier_id bigint,
  number bigint,
  action_id uuid,
  code text NOT NULL,
  message text NOT NULL, -- the vendor's words, bounded, secrets taken out
  at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'open', -- open, replayed, dropped
  settled_at timestamptz,
  settled_reason text
);
CREATE INDEX dead_letter_open ON dead_letter (instance, id) WHERE state = 'open';

-- The books: for each instance, list and kind, changes planned = delivered + filtered + rejected +
-- superseded + in doubt + pending. The last two are counted from the rows, the others added up here.
CREATE TABLE book (
  instance text NOT NULL,
  list text NOT NULL,
  kind text NOT NULL,
  planned bigint NOT NULL DEFAULT 0,
  delivered bigint NOT NULL DEFAULT 0,
  filtered bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  superseded bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (instance, list, kind)
);

CREATE TABLE instance_state (
  instance text PRIMARY KEY,
  state text NOT NULL, -- running, paused, guarded
  code text,
  message text,
  since timestamptz NOT NULL,
  guard_approved_until timestamptz
);

-- How many were on a list when the guards began to look, so that a slow drain is noticed too.
CREATE TABLE guard_window (
  instance text NOT NULL,
  list text NOT NULL,
  since timestamptz NOT NULL,
  size bigint NOT NULL,
  PRIMARY KEY (instance, list)
);

-- audit -------------------------------------------------------------------------------------------
CREATE TABLE audit (
  number bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  entry text NOT NULL, -- canonical JSON (RFC 8785)
  leaf bytea NOT NULL,
  chain bytea NOT NULL
);

-- Where the log ends. One row, locked and advanced by each append in its own transaction, so that
-- numbers are dense and writers take turns.
CREATE TABLE audit_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  size bigint NOT NULL,
  chain bytea NOT NULL
);
INSERT INTO audit_head (size, chain) VALUES (0, sha256('tributary audit log, version 1'::bytea));

-- http --------------------------------------------------------------------------------------------
CREATE TABLE api_key (
  id text PRIMARY KEY,
  hash bytea NOT NULL,
  role text NOT NULL, -- viewer, operator, privacy, admin
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);

-- What this store was made with: refuses another deployment's key, notices a changed fold.
CREATE TABLE setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL
);
