// The order in which test files run. Two run at a time, so what takes minutes begins first: begun last,
// it would run alone.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where they lie, the longest first; what is in no line follows as it comes. */
const longest = [
  'test/fault/unplanted',
  'test/fault/planted-',
  'test/fault/',
  'test/packaging/',
  'test/e2e/',
  'test/property/',
  'core/src/delivery/model',
  'test/',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((part) => moduleId.includes(`/${part}`));
  return place === -1 ? longest.length : place;
}
