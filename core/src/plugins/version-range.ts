// Does a version fall into a package.json range? The forms that npm writes and people use: `^1.2.3`,
// `~1.2`, `1.x`, `>=1.2 <2`, `1.0.0 - 1.4.0`, `a || b`, `*`. Pre-releases count as their release.

type Version = readonly [number, number, number];

/** False for a range of a form that is not known. */
export function satisfiesRange(version: string, range: string): boolean {
  const wanted = parseVersion(version);
  if (!wanted) return false;
  return range.split('||').some((part) => satisfiesAll(wanted, part.trim()));
}

function satisfiesAll(version: Version, part: string): boolean {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(part);
  const joined = hyphen ? `>=${hyphen[1]} <=${hyphen[2]}` : part.replace(/([<>=^~])\s+/g, '$1');
  return joined.split(/\s+/).every((comparator) => satisfiesOne(version, comparator));
}

function satisfiesOne(version: Version, comparator: string): boolean {
  const match = /^(>=|<=|>|<|=|\^|~)?v?(.*)$/.exec(comparator);
  const [, operator = '', text = ''] = match ?? [];
  if (text === '' || text === '*' || text === 'x') return true;
  const bounds = boundsOf(text);
  if (!bounds) return false;
  const { from, below } = bounds;
  switch (operator) {
    case '>=':
      return compare(version, from) >= 0;
    case '>':
      return compare(version, below) >= 0;
    case '<':
      return compare(version, from) < 0;
    case '<=':
      return compare(version, below) < 0;
    case '^':
      return compare(version, from) >= 0 && compare(version, afterCaret(from, text)) < 0;
    case '~':
      return compare(version, from) >= 0 && compare(version, afterTilde(from, text)) < 0;
    default:
      return compare(version, from) >= 0 && compare(version, below) < 0;
  }
}

/** `1.2` stands for everything from 1.2.0 and below 1.3.0. */
function boundsOf(text: string): { from: Version; below: Version } | undefined {
  const parts = text.split(/[-+]/)[0]?.split('.') ?? [];
  const numbers = parts.filter((part) => !/^[xX*]$/.test(part));
  if (numbers.length === 0 || numbers.length > 3) return undefined;
  if (!numbers.every((part) => /^\d+$/.test(part))) return undefined;
  const [major, minor = 0, patch = 0] = numbers.map(Number);
  if (major === undefined) return undefined;
  const from: Version = [major, minor, patch];
  if (numbers.length === 1) return { from, below: [major + 1, 0, 0] };
  return { from, below: numbers.length === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1] };
}

/** Up to the next change of the first number that is not zero. */
function afterCaret([major, minor, patch]: Version, text: string): Version {
  const given = text.split('.').filter((part) => !/^[xX*]$/.test(part)).length;
  if (major > 0 || given === 1) return [major + 1, 0, 0];
  if (minor > 0 || given === 2) return [0, minor + 1, 0];
  return [0, 0, patch + 1];
}

function afterTilde([major, minor]: Version, text: string): Version {
  return text.includes('.') ? [major, minor + 1, 0] : [major + 1, 0, 0];
}

function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
