// Every number that the hub shows to Prometheus, in one table: the names are a contract with
// dashboards and alerts. Labels are ids from config and closed lists of words, never a person's data.

export interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

export const metricTable = {
  tributary_records_total: {
    kind: 'counter',
    help: 'Records handed in by sources, by what became of them.',
    labels: ['source', 'result'],
  },
  tributary_on_duty: {
    kind: 'gauge',
    help: '1 where this process resolves, pulls and delivers; 0 where another one on the same store does.',
    labels: [],
  },
  tributary_records_suppressed_total: {
    kind: 'counter',
    help: 'Records kept out, or cut, because they name somebody who was erased, by reason.',
    labels: ['source', 'reason'],
  },
  tributary_privacy_requests_open: {
    kind: 'gauge',
    help: 'Privacy requests that are not done.',
    labels: ['kind'],
  },
  tributary_privacy_requests_overdue: {
    kind: 'gauge',
    help: 'Privacy requests that are past their deadline and not done.',
    labels: ['kind'],
  },
  tributary_retention_removed: {
    kind: 'gauge',
    help: 'Records, people or entries that have gone because they were older than they are kept, in all.',
    labels: ['rule'],
  },
  tributary_retention_lag_seconds: {
    kind: 'gauge',
    help: 'How long what counts no more by a rule has not gone yet; 0 where all of it has.',
    labels: ['rule'],
  },
  tributary_intake_waiting: {
    kind: 'gauge',
    help: 'Records that wait for their commit.',
    labels: [],
  },
  tributary_intake_commit_seconds: {
    kind: 'histogram',
    help: 'Time of a group commit.',
    labels: [],
  },
  tributary_intake_commit_records_total: {
    kind: 'counter',
    help: 'Records in group commits.',
    labels: [],
  },
  tributary_quarantine_open: {
    kind: 'gauge',
    help: 'Records kept aside and not settled.',
    labels: ['source'],
  },
  tributary_plan_violations_total: {
    kind: 'counter',
    help: 'Records that differ from the tracking plan and were let in.',
    labels: ['source', 'code'],
  },
  tributary_resolve_lag_events: {
    kind: 'gauge',
    help: 'Accepted events that are not resolved yet.',
    labels: [],
  },
  tributary_resolve_lag_seconds: {
    kind: 'gauge',
    help: 'For how long the oldest accepted event waits to be resolved.',
    labels: [],
  },
  tributary_stops: {
    kind: 'gauge',
    help: 'Denials and withdrawals in force at once that are not entries of the ledger yet.',
    labels: [],
  },
  tributary_resolve_batch_seconds: {
    kind: 'histogram',
    help: 'Time of one batch of resolve.',
    labels: [],
  },
  tributary_resolved_events_total: {
    kind: 'counter',
    help: 'Events resolved.',
    labels: [],
  },
  tributary_largest_component_identifiers: {
    kind: 'gauge',
    help: 'Identifiers of the largest group that evidence connects, of those computed since config was taken up. Each batch that touches it loads all of it.',
    labels: [],
  },
  tributary_traits_left_out_total: {
    kind: 'counter',
    help: 'Statements of traits that config does not declare, left out because their person has as many such traits as are kept.',
    labels: [],
  },
  tributary_profiles: { kind: 'gauge', help: 'Profiles.', labels: [] },
  tributary_audience_members: {
    kind: 'gauge',
    help: 'Members of an audience.',
    labels: ['audience'],
  },
  tributary_audience_changes_total: {
    kind: 'counter',
    help: 'Members that entered or left.',
    labels: ['audience', 'change'],
  },
  tributary_audience_timer_lag_seconds: {
    kind: 'gauge',
    help: 'How far the timer is behind the moment at which time alone changes a membership.',
    labels: [],
  },
  tributary_deliveries_total: {
    kind: 'counter',
    help: 'Deliveries by outcome.',
    labels: ['destination', 'outcome'],
  },
  tributary_deliveries_pending: {
    kind: 'gauge',
    help: 'Deliveries that wait to be sent, without those in doubt.',
    labels: ['destination'],
  },
  tributary_deliveries_in_doubt: {
    kind: 'gauge',
    help: 'Deliveries that left and of which nobody knows yet whether they arrived.',
    labels: ['destination'],
  },
  tributary_deliveries_held: {
    kind: 'gauge',
    help: 'Entries that a destination refused and that wait for other data or a replay.',
    labels: ['destination'],
  },
  tributary_plan_lag_profiles: {
    kind: 'gauge',
    help: 'Changed profiles that are not planned yet, up to 100,000.',
    labels: ['destination'],
  },
  tributary_delivery_oldest_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest delivery that waits to be sent or for its vendor’s job, without those in doubt.',
    labels: ['destination'],
  },
  tributary_dead_letters: {
    kind: 'gauge',
    help: 'Dead letters that wait for somebody.',
    labels: ['destination'],
  },
  tributary_instance_state: {
    kind: 'gauge',
    help: '1 for the state that an instance is in, 0 for the others. Stopped: its plugin did not open, or its code crashed.',
    labels: ['instance', 'state'],
  },
  tributary_plugin_calls_total: {
    kind: 'counter',
    help: 'HTTP calls of plugins, by status class or kind of failure.',
    labels: ['instance', 'result'],
  },
  tributary_plugin_call_seconds: {
    kind: 'histogram',
    help: 'Time until the head of the answer to a plugin’s HTTP call.',
    labels: ['instance'],
  },
  tributary_http_requests_total: {
    kind: 'counter',
    help: 'Requests answered by the hub.',
    labels: ['route', 'status'],
  },
  tributary_http_request_seconds: {
    kind: 'histogram',
    help: 'Time of a request.',
    labels: ['route'],
  },
  tributary_store_statement_seconds: {
    kind: 'histogram',
    help: 'Time of a statement, without its wait.',
    labels: ['lane'],
  },
  tributary_store_wait_seconds: {
    kind: 'histogram',
    help: 'Wait of a statement for its turn.',
    labels: ['lane'],
  },
  tributary_store_reachable: {
    kind: 'gauge',
    help: '1 where the store answers, however busy; 0 where it does not, and nothing is shown of what it knows.',
    labels: [],
  },
  tributary_store_bytes: {
    kind: 'gauge',
    help: 'Size of the hub’s tables and indexes.',
    labels: [],
  },
  tributary_store_free_bytes: {
    kind: 'gauge',
    help: 'Free space on the disk of an embedded store.',
    labels: [],
  },
  tributary_store_maintenance_seconds: {
    kind: 'histogram',
    help: 'Time of one look at all tables of an embedded store, with what was done about them.',
    labels: [],
  },
  tributary_store_maintained_tables_total: {
    kind: 'counter',
    help: 'Tables of an embedded store that were vacuumed or analysed.',
    labels: [],
  },
  tributary_audit_head_covered_timestamp_seconds: {
    kind: 'gauge',
    help: 'When a signed head outside the store last covered the whole audit log, in seconds since 1970; 0: none is written here.',
    labels: [],
  },
  tributary_instances_left_out: {
    kind: 'gauge',
    help: 'Instances that the watchdog found holding the hub’s thread, and that this start leaves out.',
    labels: [],
  },
  tributary_process_resident_bytes: {
    kind: 'gauge',
    help: 'Memory that the process holds.',
    labels: [],
  },
  tributary_event_loop_lag_seconds: {
    kind: 'gauge',
    help: 'The longest that the event loop was late since the last question.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;
