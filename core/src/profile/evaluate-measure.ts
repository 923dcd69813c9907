// Measures in JavaScript; measure-sql.ts says the same in SQL.
import { createAccumulator } from './evaluate-aggregate.ts';
import { compare, nextTurnOfAge } from './evaluate-comparison.ts';
import { valueAt } from './evaluate-path.ts';
import { readTime } from './evaluate-time.ts';
import type { MeasureEvent, MeasureResult } from './measure-value.ts';
import { nextWindowChange, windowBounds } from './measure-window.ts';
import type { WindowBounds } from './measure-window.ts';
import type { EventSelector, Measure } from './measure.ts';

/** Takes the measure over those of the events that it selects. */
export function evaluateMeasure(
  measure: Measure,
  events: readonly MeasureEvent[],
  now: number,
): MeasureResult {
  const taking = startMeasure(measure, windowBounds(measure.window, now), now);
  for (const event of events) taking.offer(event, selectorsFor(measure, event));
  return taking.result();
}

/** A measure under way: it is offered each event once, with its selectors of that type and name. */
export interface MeasureTaking {
  /** Forgets all events; a taking may serve one person after another. */
  reset(): void;
  offer(event: MeasureEvent, selectors: readonly EventSelector[]): void;
  result(): MeasureResult;
}

export function startMeasure(measure: Measure, bounds: WindowBounds, now: number): MeasureTaking {
  const accumulator = createAccumulator(measure.aggregate);
  const aged = dependsOnAge(measure);
  let earliestInside = Number.POSITIVE_INFINITY;
  let earliestAhead = Number.POSITIVE_INFINITY;
  let nextTurn = Number.POSITIVE_INFINITY;
  return {
    reset: () => {
      accumulator.reset();
      earliestInside = Number.POSITIVE_INFINITY;
      earliestAhead = Number.POSITIVE_INFINITY;
      nextTurn = Number.POSITIVE_INFINITY;
    },
    offer: (event, selectors) => {
      if (event.at <= bounds.after) return; // it left for good
      if (aged) nextTurn = Math.min(nextTurn, nextTurnOfSelection(selectors, event, now));
      if (!meetsAny(selectors, event, now)) return;
      if (event.at > bounds.until) {
        if (event.at < earliestAhead) earliestAhead = event.at;
        return;
      }
      if (event.at < earliestInside) earliestInside = event.at;
      accumulator.add(event);
    },
    result: () => ({
      value: accumulator.value(),
      nextChangeAt: Math.min(nextTurn, nextWindowChange(bounds, earliestInside, earliestAhead)),
    }),
  };
}

export function selectorsFor(measure: Measure, event: MeasureEvent): readonly EventSelector[] {
  return measure.events.filter(
    ({ type, name }) => type === event.type && (name === undefined || name === event.name),
  );
}

/** True when time alone may change which events the selectors choose. */
export function dependsOnAge(measure: Measure): boolean {
  return measure.events.some(({ where }) =>
    where.some(({ comparison }) => comparison.kind === 'age'),
  );
}

function meetsAny(selectors: readonly EventSelector[], event: MeasureEvent, now: number): boolean {
  for (const selector of selectors) if (meets(selector, event, now)) return true;
  return false;
}

function meets(selector: EventSelector, event: MeasureEvent, now: number): boolean {
  for (const { path, comparison } of selector.where) {
    if (!compare(comparison, valueAt(event.properties, path), now)) return false;
  }
  return true;
}

function nextTurnOfSelection(
  selectors: readonly EventSelector[],
  event: MeasureEvent,
  now: number,
): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { where } of selectors) {
    for (const { path, comparison } of where) {
      const at = readTime(valueAt(event.properties, path));
      if (at !== undefined) next = Math.min(next, nextTurnOfAge(comparison, at, now));
    }
  }
  return next;
}
