// A call of the hub's API that did not do what was asked, with the exit code that says so to scripts.
import type { ExitCode } from '../exit-codes.ts';

export class HubFailure extends Error {
  override readonly name = 'HubFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
