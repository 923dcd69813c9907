-- Plugins whose code held the hub's thread: left out at the next start, until they are other code or
-- somebody lets them run again.
CREATE TABLE plugin_quarantine (
  instance text PRIMARY KEY,
  at timestamptz NOT NULL,
  -- File and line, empty where they are not known.
  place text NOT NULL,
  -- What the plugin's code was known by.
  print text NOT NULL
);
