/**
 * The planned events, in the order of their instants. Events of one instant keep the order in which they were added.
 */
export interface Agenda {
  /** Adds an event at an instant. */
  add(at: number, what: Appointment["what"]): void;
  /** Removes and returns the next event, or null if none is left. */
  next(): Appointment | null;
}

/** One planned event. */
export interface Appointment {
  readonly at: number;
  readonly what: () => void | Promise<void>;
}

interface Entry extends Appointment {
  readonly order: number;
}

/** Returns an empty agenda: a binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let added = 0;
  return {
    add: (at, what) => {
      heap.push({ at, what, order: added++ });
      rise(heap, heap.length - 1);
    },
    next: () => {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return null;
      if (heap.length > 0) {
        heap[0] = last;
        sink(heap, 0);
      }
      return first;
    },
  };
}

function rise(heap: Entry[], from: number): void {
  let index = from;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index] as Entry, heap[parent] as Entry)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function sink(heap: Entry[], from: number): void {
  let index = from;
  for (;;) {
    let first = index;
    for (const child of [2 * index + 1, 2 * index + 2]) {
      if (child < heap.length && isBefore(heap[child] as Entry, heap[first] as Entry)) first = child;
    }
    if (first === index) return;
    swap(heap, index, first);
    index = first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(heap: Entry[], a: number, b: number): void {
  const entry = heap[a] as Entry;
  heap[a] = heap[b] as Entry;
  heap[b] = entry;
}
