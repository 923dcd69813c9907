// Why each check is there, and where to look when it fails: for the report that `tributary plugin test`
// prints. By the check's own words, so that frameworks that only know names have it too.

/** What the report of a failed check tells its reader. */
export interface CheckExplanation {
  /** What goes wrong in a hub where a plugin does not do this. */
  readonly why: string;
  /** The part of the plugin that is to be mended. */
  readonly look: string;
}

type Row = readonly [begins: string, why: string, look: string];

const definition = 'the definition in index.ts';
const schema = 'the settings schema';
const sending = 'where the vendor is called, and how its answer is read';
const errors =
  'how failures become errors: `classifyStatus` and the context’s `fetch` do most of it';
const reading = '`pull` or `stream`, and what it yields as checkpoint';
const handling = '`http.handle`';

const rows: readonly Row[] = [
  [
    'declares what it can do',
    'The hub relies on what a definition says before it calls anything.',
    definition,
  ],
  [
    'refuses settings it does not know',
    'A misspelt setting that passes is a setting that silently does nothing.',
    schema,
  ],
  ['documents its settings', 'The form in the console and the reference are made of this.', schema],
  ['marks its secrets', '`writeOnly` is what keeps a value out of logs, errors and forms.', schema],
  [
    'takes settings of every version',
    'An update that breaks a running config is not installed.',
    '`migrations`, and `oldSettings` of the cases',
  ],
  [
    'makes the same key of the same identifier',
    'Who was added under one key cannot be removed under another.',
    '`key`',
  ],
  [
    'has an example for each',
    'What has no example is neither tested nor documented.',
    '`examples` of the cases',
  ],
  [
    'has examples of nothing that it cannot do',
    'Such an example is played by nobody, and its reader believes that it works.',
    '`examples` of the cases',
  ],
  [
    'does what it is for, and ends',
    'An admin waits for it, or an instance that is paused.',
    'the function that the check is named after',
  ],
  [
    'takes no failure for an answer',
    'An instance would resume that cannot work, or a list that could not be read would look empty.',
    errors,
  ],
  [
    'finds nothing wrong with good settings',
    'A finding keeps the hub from starting.',
    '`validate`',
  ],
  [
    'runs the tests of its settings to their end',
    '`tributary check --tests` runs them before a config is taken up.',
    '`testSettings`, and the tests in `settings` of the cases',
  ],
  [
    'shows what would become of a message',
    'A preview that differs from what is taken in misleads whoever mends a mapping by it.',
    '`preview`',
  ],
  [
    'says why it still cannot read what was kept',
    'Whoever replays quarantine needs to know what is still wrong.',
    '`reread`',
  ],
  [
    'example',
    'Examples are the test, the fixture and the documentation at once.',
    'the example, and the mapping that it shows',
  ],
  [
    'reaches no private address that its settings do not name',
    'An address that somebody typed could lead into the hub’s own network: to a database, to a cloud’s metadata.',
    'the `guard` that is given to `fetch`',
  ],
  [
    'makes no request for an empty batch',
    'Vendors charge for requests, and some take an empty list for «everybody».',
    sending,
  ],
  [
    'answers for every handle once',
    'A delivery without an outcome of its own is in doubt, and somebody else’s outcome is a lie.',
    'how answers are paired with deliveries: by key, never by place',
  ],
  [
    'gives the refusal to the delivery that was refused',
    'One bad address must not cost the others theirs.',
    'how answers are paired with deliveries: by key, never by place',
  ],
  [
    'does not retry what will never be taken',
    'It would use up calls for ever; a dead letter tells somebody.',
    errors,
  ],
  ['waits as long as it is asked to', 'A vendor that is pressed on closes the account.', errors],
  [
    'blames nobody for a wait that is asked for half-way',
    'What only waits would use up its attempts and end as a dead letter, and the vendor would be pressed on.',
    'the outcomes of what is left: `outcomeOfError` for what was sent, `outcomeOfUnsent` for the rest',
  ],
  [
    'pauses when its credentials are refused',
    'An admin must act; until then everything is kept.',
    errors,
  ],
  [
    'takes a redirect for no delivery',
    'A redirect carries credentials and people to another address.',
    sending,
  ],
  ['keeps what a', 'Nothing was taken: the hub tries again.', errors],
  [
    'does not know what became of',
    'It may have happened: taken for a failure it is doubled, taken for a success it is lost.',
    errors,
  ],
  [
    'does not take an answer it cannot read for a delivery',
    'A proxy’s page with status 200 has delivered nothing.',
    sending,
  ],
  [
    'tries again where nothing was reached',
    'Nothing left: repeating it is safe, and no attempt is used up.',
    errors,
  ],
  [
    'leaves trying again to the hub',
    'The hub waits, counts and stops for all plugins; a loop inside a call multiplies it.',
    sending,
  ],
  [
    'stops when it is told to',
    'A call that outlives its time holds up the instance, and the end of the hub.',
    'every place that waits: hand the call’s `signal` on',
  ],
  [
    'takes what is so already for done',
    'The hub repeats what it is not sure of; twice must be as good as once.',
    sending,
  ],
  [
    'tells one change from another',
    'A receiver that dedupes would drop a real change, or take one change for two.',
    'what is handed on as the key: `changeId` of the delivery, never its handle',
  ],
  [
    'repeats a delivery under the same key',
    'That is how the vendor knows a repetition.',
    'what is sent as idempotency key: the message or action id',
  ],
  ['shows no secret', 'Logs, errors and outcomes are read by many.', 'messages of errors and logs'],
  [
    'gives the same request the same message ids',
    'Senders repeat; what has another id counts twice.',
    '`messageId` of the records',
  ],
  [
    'answers whatever comes in',
    'What throws is answered 500, and honest senders repeat it for ever.',
    handling,
  ],
  [
    'says «not now» with a time to wait',
    'Senders that are not told when come back at once.',
    '`http.busy`',
  ],
  ['refuses what is not signed', 'Anybody can find the address.', handling],
  [
    'verifies the bytes as they came',
    'JSON written again is other bytes, and the signature fails or is fooled.',
    `${handling}: verify \`rawBody\` before it is parsed`,
  ],
  ['needs its signing secret', 'Without one nothing would be verified.', schema],
  ['refuses an old signature', 'Who has overheard a request can send it again.', handling],
  [
    'loses nothing',
    'A process may end between any two pages, and a vendor fail at any request.',
    reading,
  ],
  [
    'hands on what it cannot read',
    'What a source drops is lost and nobody is told; what the hub keeps aside can be seen and replayed.',
    reading,
  ],
  [
    'ends, and begins again where it ended',
    'A pull that reads everything each time never catches up.',
    reading,
  ],
  [
    'keeps checkpoints and pages small',
    'They are written in the transaction of the records.',
    reading,
  ],
  [
    'waits for the hub',
    'What is read faster than it is taken is held in memory until there is none.',
    reading,
  ],
];

/** @param name of a check as the suite made it. */
export function explainCheck(name: string): CheckExplanation | undefined {
  // Many checks begin with the function that they are about: `audiences.add: …`.
  const words = name.replace(
    /^(stream|erase|check|setup|validate|testSettings|preview|reread|[a-z]+\.[a-z]+|actions \S+): /,
    '',
  );
  const row = rows.find(([begins]) => words.startsWith(begins));
  return row && { why: row[1], look: row[2] };
}
