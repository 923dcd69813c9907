-- Operators' decisions about who is who are records of the log now. Which of several about one pair holds
-- must not depend on their order: the later one, of two at once the stricter, then by the message's hash.
ALTER TABLE never_same ADD COLUMN lifted boolean NOT NULL DEFAULT false;
ALTER TABLE never_same ADD COLUMN message_hash uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE retraction ADD COLUMN decided_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE retraction ADD COLUMN message_hash uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
