// How the vendor says no: a status and a list of errors, each with a field and a message.

export interface VendorErrorItem {
  readonly field: string | null;
  readonly message: string;
  readonly help?: string;
}

export class VendorError extends Error {
  readonly status: number;
  readonly errors: readonly VendorErrorItem[];

  constructor(status: number, errors: readonly VendorErrorItem[]) {
    super(errors.map((error) => error.message).join('; '));
    this.status = status;
    this.errors = errors;
  }
}

/** A request that breaks a rule: 400 and the field that broke it. */
export function badRequest(message: string, field: string | null = null): VendorError {
  return new VendorError(400, [{ field, message }]);
}

export function notFound(message = 'not found', field: string | null = null): VendorError {
  return new VendorError(404, [{ field, message }]);
}

export function unauthorized(): VendorError {
  return new VendorError(401, [{ field: null, message: 'authorization required' }]);
}

export function forbidden(): VendorError {
  return new VendorError(403, [{ field: null, message: 'access forbidden' }]);
}
