// How many events of one lane wait to be sent. A lane that is blocked, or gets more than its vendor takes, must
// not fill up what is there for all: what is beyond its share is parked. Pure.
import type { LaneEvent } from './plans.ts';

/** More than a lane sends until it is given the next. */
export const mostPerLane = 100;
/** A lane of which something is parked is given more when so few are left. */
export const refillAt = 50;

/**
 * Once one event of a lane is parked, so are all after it.
 * @param events in the order of the log. @param rooms by lane; a lane that is in none is empty.
 */
export function shareOut<Event extends LaneEvent>(
  events: readonly Event[],
  rooms: ReadonlyMap<string, number>,
): { readonly taken: Event[]; readonly parked: Event[] } {
  const left = new Map(rooms);
  const taken: Event[] = [];
  const parked: Event[] = [];
  for (const event of events) {
    const room = left.get(event.lane) ?? mostPerLane;
    left.set(event.lane, room - 1);
    (room > 0 ? taken : parked).push(event);
  }
  return { taken, parked };
}
