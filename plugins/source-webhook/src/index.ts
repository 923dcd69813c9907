// Any signed JSON webhook: who may send and what a message means are data.
import { defineSource, PluginError } from '@tributary/sdk';
import { busy, handle, maxBodyBytes, type Connection } from './handle.ts';
import { createMessageMapper } from './map-message.ts';
import { unpackMessage } from './message.ts';
import { settingsSchema } from './settings.ts';
import { previewMessage, runTests } from './try-mapping.ts';
import { validateSettings } from './validate.ts';
import { createVerify } from './verify.ts';

export default defineSource<typeof settingsSchema, Connection>({
  name: 'webhook',
  title: 'Webhook',
  settings: settingsSchema,
  validate: validateSettings,
  testSettings: runTests,
  preview: previewMessage,
  open: ({ settings }) => ({
    verify: createVerify(settings.verify),
    mapper: createMessageMapper(settings),
  }),
  close: ({ connection }) => connection.mapper.close(),
  http: { paths: ['/', '/*'], maxBodyBytes, busy, handle },
  async reread({ payload, connection }) {
    const message = unpackMessage(payload);
    if (!message) {
      throw new PluginError('rejected', 'the bytes are no message that was verified and kept');
    }
    const mapped = await connection.mapper.map(message);
    if ('problem' in mapped) {
      const { code, message: words } = mapped.problem;
      throw new PluginError(code === 'MAPPING_BUSY' ? 'transient' : 'rejected', words);
    }
    return mapped.records;
  },
});
