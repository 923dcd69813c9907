// An answer's body with a bound, and with errors that say what a cut body means.
import { PluginError } from './plugin-error.ts';

export interface BodyBound {
  readonly maxBytes: number;
  /** Turns what reading failed with into the error to show. */
  describe(error: unknown): PluginError;
  /** The body has ended, was given up or failed: nothing more comes. */
  done(): void;
}

/** What both the runtime's and undici's answers are. */
export interface AnswerWithBody {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Iterable<[string, string]>;
  readonly url: string;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** The same answer; reading more than `maxBytes` of it fails, whatever its head promised. */
export function boundBody(answer: AnswerWithBody, bound: BodyBound): Response {
  const { status, statusText } = answer;
  if (answer.body === null) bound.done();
  const body = answer.body === null ? null : boundStream(answer.body, bound);
  const response = new Response(body, { status, statusText, headers: [...answer.headers] });
  return Object.defineProperty(response, 'url', { value: answer.url });
}

function boundStream(
  body: ReadableStream<Uint8Array>,
  bound: BodyBound,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            bound.done();
            controller.close();
            return;
          }
          bytes += value.byteLength;
          if (bytes > bound.maxBytes) throw tooLarge(bound.maxBytes);
          controller.enqueue(value);
        } catch (error) {
          controller.error(bound.describe(error));
          bound.done();
          await reader.cancel().catch(() => undefined);
        }
      },
      async cancel(reason) {
        bound.done();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function tooLarge(maxBytes: number): PluginError {
  return new PluginError('unknown', `the answer is larger than ${maxBytes} bytes`, {
    vendorCode: 'ANSWER_TOO_LARGE',
  });
}
