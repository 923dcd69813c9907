// What is many is handled in parts.

export function cut<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += size) {
    parts.push(items.slice(start, start + size));
  }
  return parts;
}
