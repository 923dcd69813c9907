// An answer on its way back, and what a scripted fault makes of it.
import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import type { JournalRecorder } from './journal.ts';
import type { VendorAnswer } from './router.ts';
import { send, sendHalf } from './transport.ts';
import { unauthorized, VendorError } from './vendor-error.ts';

export function tooManyRequests(): VendorError {
  return new VendorError(429, [{ field: null, message: 'too many requests' }]);
}

export function describeError({ status, errors }: VendorError): VendorAnswer {
  return { status, body: { errors } };
}

export function finish(
  response: ServerResponse,
  record: JournalRecorder,
  result: VendorAnswer,
): void {
  record.note({ status: result.status });
  send(response, result);
  record.close('answered');
}

export interface FaultScene {
  readonly record: JournalRecorder;
  readonly response: ServerResponse;
  perform(): VendorAnswer;
  exhausted(seconds: number): Readonly<Record<string, string>>;
  rateHeaders(): Readonly<Record<string, string>>;
}

/** Answers as the fault has it; `perform` is what would have happened without. */
export async function fail(fault: Fault, scene: FaultScene): Promise<void> {
  const { record, response } = scene;
  const headers = (): Readonly<Record<string, string>> => scene.rateHeaders();
  switch (fault.kind) {
    case 'rate-limited': {
      const limited = describeError(tooManyRequests());
      return finish(response, record, {
        ...limited,
        headers: scene.exhausted(fault.resetSeconds ?? 1),
      });
    }
    case 'status': {
      const message = fault.message ?? 'internal server error';
      const body = fault.body ?? { errors: [{ field: null, message }] };
      const all = { ...headers(), ...fault.headers };
      return finish(response, record, { status: fault.status, body, headers: all });
    }
    case 'unauthorized':
      return finish(response, record, { ...describeError(unauthorized()), headers: headers() });
    case 'reset':
      response.req.socket.resetAndDestroy();
      return record.close('reset');
    case 'lost-answer':
      record.note({ status: scene.perform().status });
      return record.close('lost');
    case 'cut-answer': {
      const result = scene.perform();
      record.note({ status: result.status });
      await sendHalf(response, { ...result, body: result.body ?? { accepted: true } });
      return record.close('cut');
    }
    case 'slow': {
      const result = scene.perform();
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds).unref());
      return finish(response, record, result);
    }
    case 'unknown-answer': {
      const { headers: rate } = scene.perform();
      const body = fault.body ?? { ok: 'perhaps' };
      return finish(response, record, { status: fault.status ?? 200, body, headers: { ...rate } });
    }
  }
}
