// Remembers the answers of a pure function for the keys that are asked for again and again: the people
// who are active come back with every event.

/**
 * Bounded to about `most` answers: two generations, of which the older goes when the younger is full,
 * so that what is asked for stays and what is not leaves.
 */
export function remember<T>(most: number, answer: (key: string) => T): (key: string) => T {
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (key) => {
    const known = young.get(key) ?? old.get(key) ?? answer(key);
    if (young.size >= most / 2 && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, known);
    return known;
  };
}
