// What is still to happen, earliest first: a binary heap, so that a shop with a hundred thousand visits
// under way costs no more per visit than an empty one. Of two things at the same time the one that was
// noted first comes first.

export interface Agenda<Item> {
  note(at: number, item: Item): void;
  /** Takes the earliest that happens at or before a time. */
  take(until: number): { readonly at: number; readonly item: Item } | undefined;
}

interface Entry<Item> {
  readonly at: number;
  readonly place: number;
  readonly item: Item;
}

export function createAgenda<Item>(): Agenda<Item> {
  const heap: Entry<Item>[] = [];
  let noted = 0;
  return {
    note(at, item) {
      heap.push({ at, place: (noted += 1), item });
      rise(heap);
    },
    take(until) {
      const first = heap[0];
      if (first === undefined || first.at > until) return undefined;
      const last = heap.pop();
      if (last !== undefined && last !== first) {
        heap[0] = last;
        sink(heap);
      }
      return first;
    },
  };
}

function isBefore(left: Entry<unknown>, right: Entry<unknown>): boolean {
  return left.at < right.at || (left.at === right.at && left.place < right.place);
}

function rise<Item>(heap: Entry<Item>[]): void {
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!swapIfBefore(heap, child, parent)) return;
    child = parent;
  }
}

function sink<Item>(heap: Entry<Item>[]): void {
  let parent = 0;
  for (;;) {
    const [left, right] = [2 * parent + 1, 2 * parent + 2];
    const [one, other] = [heap[left], heap[right]];
    const child = one && other && isBefore(other, one) ? right : left;
    if (!swapIfBefore(heap, child, parent)) return;
    parent = child;
  }
}

function swapIfBefore<Item>(heap: Entry<Item>[], child: number, parent: number): boolean {
  const [lower, upper] = [heap[child], heap[parent]];
  if (!lower || !upper || !isBefore(lower, upper)) return false;
  heap[child] = upper;
  heap[parent] = lower;
  return true;
}
