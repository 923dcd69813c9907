// Queries leave out what nobody asked for; rooms take optional members, never undefined ones.

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** The same without what is undefined. */
export function defined<Value extends object>(value: Value): Defined<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the very fields, fewer of them
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  ) as Defined<Value>;
}
