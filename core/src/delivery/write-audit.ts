// Delivery's own words for what happened, as entries of the audit log.
import { appendAudit } from '../audit/append.ts';
import { auditKindOf } from '../audit/entry.ts';
import type { DeliveryWorld } from './world.ts';

export function createDeliveryAudit(now: () => number): DeliveryWorld['audit'] {
  return (transaction, entries) =>
    appendAudit(
      transaction,
      entries.map(({ kind, instance, details }) => ({
        kind: auditKindOf(kind),
        at: now(),
        actor: `delivery:${instance}`,
        details: { ...details, what: kind },
      })),
    );
}
