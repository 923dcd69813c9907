// A source that does what plugins must not, as the request asks for it.
import { EventEmitter } from 'node:events';
import { defineSource, type SourceAnswer } from '@tributary/sdk';

export const misdeeds = {
  'loops in its call': (): never => {
    for (;;);
  },
  'loops later': async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (;;);
  },
  'throws in a timer': (): void => {
    setTimeout(() => {
      throw new Error('thrown in a timer');
    }, 1);
  },
  'throws in an emitter': (): void => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('error', new Error('thrown in an emitter')), 1);
  },
  'leaves a rejection alone': (): void => {
    void Promise.reject(new Error('left alone'));
  },
} as const;

const answer: SourceAnswer = { answer: { status: 204 } };

export default defineSource({
  name: 'bad-source',
  title: 'Bad source',
  settings: { type: 'object', additionalProperties: false },
  http: {
    paths: ['/'],
    async handle({ request }) {
      const wanted = Buffer.from(request.rawBody).toString();
      for (const [name, commit] of Object.entries(misdeeds)) if (name === wanted) await commit();
      return answer;
    },
  },
});
