// What an instance keeps open while it runs, and who opens it.

/**
 * Where the functions of a plugin get a connection, its definition must have the `open` that makes it; where
 * `undefined` is a connection too, it need not.
 */
export type OpensConnection<Connection> = undefined extends Connection
  ? unknown
  : { readonly open: unknown };
